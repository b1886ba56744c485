//! Rate limits: a bucket of tokens for each host, service and operation, which narrows when the service asks to wait
//! and widens again while it answers. A throttled operation never slows another.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Buckets kept; hosts and operations are the manifest's, so this is never reached in earnest.
const MAX_LANES: usize = 4096;
/// Calls a second below which no bucket narrows.
const FLOOR: f64 = 1.0;
/// What is left of the rate after an answer that asks to wait.
const NARROW: f64 = 0.8;
/// Answers within this time count as one: they were sent at the same rate.
const WINDOW: Duration = Duration::from_millis(500);
/// How much of its full rate an answer gives back.
const WIDEN: f64 = 0.05;

/// What shares a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LaneKey {
    pub(crate) host: String,
    pub(crate) service: String,
    /// None: all operations of the service together.
    pub(crate) operation: Option<String>,
}

/// All buckets of a session.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    lanes: Mutex<HashMap<LaneKey, Lane>>,
}

#[derive(Debug)]
struct Lane {
    /// Calls a second, now and at best.
    rate: f64,
    top: f64,
    /// When the bucket would be full again: the generic cell rate algorithm's one number.
    full_at: Instant,
    blocked_until: Instant,
    narrowed: Option<Instant>,
}

impl Lane {
    fn new(per_second: u32, now: Instant) -> Self {
        let top = f64::from(per_second.max(1));
        Self { rate: top, top, full_at: now, blocked_until: now, narrowed: None }
    }

    /// Takes a token, and says when it may be used. A bucket holds a second's worth.
    fn take(&mut self, now: Instant) -> Instant {
        let interval = Duration::from_secs_f64(1.0 / self.rate);
        let burst = Duration::from_secs_f64((self.rate - 1.0).max(0.0) / self.rate);
        let start = self.full_at.checked_sub(burst).unwrap_or(now).max(now).max(self.blocked_until);
        self.full_at = self.full_at.max(start) + interval;
        start
    }
}

impl Pace {
    /// Takes a token of each bucket and says when the call may be sent.
    pub(crate) fn take(&self, keys: &[(LaneKey, u32)], now: Instant) -> Instant {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() > MAX_LANES {
            lanes.clear();
        }
        let mut start = now;
        for (key, per_second) in keys {
            if !lanes.contains_key(key) {
                lanes.insert(key.clone(), Lane::new(*per_second, now));
            }
            if let Some(lane) = lanes.get_mut(key) {
                start = start.max(lane.take(now));
            }
        }
        start
    }

    /// The service asked to wait, perhaps so long.
    pub(crate) fn narrow(&self, key: &LaneKey, wait: Option<Duration>, now: Instant) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lane) = lanes.get_mut(key) else { return };
        if let Some(wait) = wait {
            lane.blocked_until = lane.blocked_until.max(now + wait);
        }
        if lane.narrowed.is_none_or(|when| now.duration_since(when) >= WINDOW) {
            lane.rate = (lane.rate * NARROW).max(FLOOR.min(lane.top));
            lane.narrowed = Some(now);
        }
    }

    /// The service answered.
    pub(crate) fn widen(&self, key: &LaneKey) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get_mut(key)
            && lane.rate < lane.top
        {
            lane.rate = (lane.rate + lane.top * WIDEN).min(lane.top);
        }
    }
}

/// How long to pause before the `n`-th try (from 1): doubling from `first`, at most `longest`, and by chance up to half
/// shorter, so that what failed together does not come back together.
pub(crate) fn backoff(n: u32, first: Duration, longest: Duration) -> Duration {
    use std::hash::{BuildHasher, Hasher};
    let full = first.saturating_mul(1 << n.saturating_sub(1).min(16)).min(longest);
    // A hasher's random keys are chance enough for this.
    let chance = std::hash::RandomState::new().build_hasher().finish() % 1000;
    full.mul_f64(0.5 + chance as f64 / 2000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(operation: &str) -> LaneKey {
        LaneKey { host: "h".into(), service: "s".into(), operation: Some(operation.into()) }
    }

    fn waits(pace: &Pace, operation: &str, calls: usize, now: Instant) -> Vec<u128> {
        let keys = [(key(operation), 10)];
        (0..calls).map(|_| pace.take(&keys, now).duration_since(now).as_millis()).collect()
    }

    #[test]
    fn a_bucket_holds_a_second_and_then_drips() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert_eq!(waits(&pace, "a", 13, now), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 300]);
        assert_eq!(waits(&pace, "a", 1, now + Duration::from_secs(5)), [0]);
    }

    #[test]
    fn one_that_is_throttled_slows_no_other() {
        let (pace, now) = (Pace::default(), Instant::now());
        waits(&pace, "a", 1, now);
        pace.narrow(&key("a"), Some(Duration::from_secs(7)), now);
        assert_eq!(waits(&pace, "a", 1, now), [7000]);
        assert_eq!(waits(&pace, "b", 3, now), [0, 0, 0]);
    }

    #[test]
    fn rates_narrow_once_a_window_and_widen_again() {
        let (pace, now) = (Pace::default(), Instant::now());
        let rate = || pace.lanes.lock().expect("no panic")[&key("a")].rate;
        waits(&pace, "a", 1, now);
        pace.narrow(&key("a"), None, now);
        pace.narrow(&key("a"), None, now + Duration::from_millis(10));
        assert_eq!(rate(), 8.0);
        for n in 1..100 {
            pace.narrow(&key("a"), None, now + WINDOW * n);
        }
        assert_eq!(rate(), FLOOR);
        (0..100).for_each(|_| pace.widen(&key("a")));
        assert_eq!(rate(), 10.0);
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pause = |n| backoff(n, Duration::from_millis(100), Duration::from_secs(1)).as_millis();
        for (n, range) in [(1, 50..=100), (2, 100..=200), (4, 400..=800), (5, 500..=1000), (60, 500..=1000)] {
            assert!(range.contains(&pause(n)), "{n}: {}", pause(n));
        }
    }
}
