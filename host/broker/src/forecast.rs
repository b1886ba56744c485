//! What a run will take, before anything is called.

use inventar_model::Egress;
use std::collections::BTreeMap;

/// Calls expected, by service and operation.
pub type Expected = BTreeMap<(String, String), u64>;

/// What a run will take, by the manifest's prices and rates.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Forecast {
    /// Requests.
    pub calls: u64,
    /// Millionths of a US dollar.
    pub cost_microusd: u64,
    /// Wall time at best: the slowest service's calls at its rate, and no less than a round trip each at full width.
    pub seconds: f64,
}

impl Forecast {
    /// Sums up. `round_trip_ms` is what a call takes, `concurrent` how many run at once, `per_second` the rate where a
    /// rule has none.
    ///
    /// ```
    /// use inventar_broker::{Expected, Forecast};
    ///
    /// let forecast = Forecast::of(&[], &Expected::new(), 80, 16, 50);
    /// assert_eq!(forecast, Forecast::default());
    /// ```
    pub fn of(
        rules: &[Egress],
        expected: &Expected,
        round_trip_ms: u64,
        concurrent: usize,
        per_second: u32,
    ) -> Self {
        let mut forecast = Self::default();
        let mut slowest: f64 = 0.0;
        let mut by_service: BTreeMap<&str, u64> = BTreeMap::new();
        for ((service, operation), calls) in expected {
            let rule = rules.iter().find(|rule| {
                rule.service == *service && rule.operations.iter().any(|known| known.name == *operation)
            });
            let Some(rule) = rule else { continue };
            forecast.calls += calls;
            forecast.cost_microusd =
                forecast.cost_microusd.saturating_add(calls.saturating_mul(rule.cost_microusd));
            let rate = f64::from(rule.per_second.unwrap_or(per_second).max(1));
            // A rule's own rate is for all its operations together.
            let together = match rule.per_second {
                Some(_) => {
                    let sum = by_service.entry(rule.service.as_str()).or_default();
                    *sum += calls;
                    *sum
                }
                None => *calls,
            };
            slowest = slowest.max((together as f64 - rate).max(0.0) / rate);
        }
        let width = concurrent.max(1) as f64;
        let trips = forecast.calls as f64 * round_trip_ms as f64 / 1000.0 / width;
        forecast.seconds = slowest.max(trips);
        forecast
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule;
    use inventar_model::Protocol;

    #[test]
    fn calls_cost_and_time() {
        let rule = |service: &str, per_second, cost_microusd| Egress {
            per_second,
            cost_microusd,
            ..rule::rule(service, &["a.example.com"], Protocol::AwsJson, &["ListA", "ListB"])
        };
        let rules = [rule("slow", Some(10), 5), rule("fast", None, 0)];
        let expected: Expected =
            [("slow", "ListA", 60), ("slow", "ListB", 50), ("fast", "ListA", 90), ("gone", "X", 9)]
                .map(|(service, operation, calls)| ((service.to_owned(), operation.to_owned()), calls))
                .into();
        let forecast = Forecast::of(&rules, &expected, 80, 16, 50);
        assert_eq!(forecast, Forecast { calls: 200, cost_microusd: 550, seconds: 10.0 });
        assert_eq!(Forecast::of(&rules, &expected, 8_000, 16, 50).seconds, 100.0);
    }
}
