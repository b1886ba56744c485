//! Faults on purpose: what a network and a service do wrong, at a chosen rate, the same in every run with a seed.

use crate::dial::ENDED;
use crate::message::{Incoming, Later, Outgoing, Transport};
use inventar_model::HttpError;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often what goes wrong: shares between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Faults {
    /// The service asks to wait (429).
    pub throttle: f64,
    /// The service fails (500).
    pub error: f64,
    /// No answer in time.
    pub timeout: f64,
    /// The answer ends before its end.
    pub truncate: f64,
    /// The answer is late, so that others overtake it.
    pub reorder: f64,
    /// The answer comes slowly, within the limits.
    pub drip: f64,
    /// A success whose body is not what it should be.
    pub garble: f64,
    /// Another seed, other requests.
    pub seed: u64,
}

impl Faults {
    /// Reads `throttle=0.3,error=0.05,seed=7`.
    ///
    /// ```
    /// use inventar_broker::Faults;
    ///
    /// let faults = Faults::parse("throttle=0.3,error=0.05")?;
    /// assert_eq!((faults.throttle, faults.error, faults.timeout), (0.3, 0.05, 0.0));
    /// assert!(Faults::parse("throttle=30").is_err());
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("`{part}` is not NAME=SHARE"))?;
            if name == "seed" {
                faults.seed = value.parse().map_err(|_| format!("`{value}` is no seed"))?;
                continue;
            }
            let share = match name {
                "throttle" => &mut faults.throttle,
                "error" => &mut faults.error,
                "timeout" => &mut faults.timeout,
                "truncate" => &mut faults.truncate,
                "reorder" => &mut faults.reorder,
                "drip" => &mut faults.drip,
                "garble" => &mut faults.garble,
                _ => {
                    return Err(format!(
                        "`{name}` is none of throttle, error, timeout, truncate, reorder, drip, garble and seed"
                    ));
                }
            };
            let read = value.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
            *share = read.ok_or_else(|| format!("`{value}` is no share between 0 and 1"))?;
        }
        Ok(faults)
    }
}

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Throttle,
    Error,
    Timeout,
    Truncate,
    Reorder,
    Drip,
    Garble,
}

/// The faults of a session: how often each request was sent tells what happens to it next.
#[derive(Debug)]
pub(crate) struct Mischief {
    faults: Faults,
    sent: Mutex<HashMap<u64, u64>>,
}

impl Mischief {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults, sent: Mutex::default() }
    }

    pub(crate) fn around(self: &Arc<Self>, inner: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Faulty { mischief: Arc::clone(self), inner })
    }

    /// By the request and how often it was sent, so that no timing changes what happens.
    fn next(&self, request: &Outgoing) -> (Option<Fault>, u64) {
        let mut hasher = DefaultHasher::new();
        // Without the port: that of an emulator is another one each time.
        let url = &request.url;
        (request.method, url.host_str(), url.path(), url.query(), &request.body).hash(&mut hasher);
        request.headers.iter().filter(|(name, _)| name == "x-amz-target").for_each(|h| h.hash(&mut hasher));
        let id = hasher.finish();
        let times = {
            let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            let times = sent.entry(id).or_default();
            *times += 1;
            *times
        };
        let mut hasher = DefaultHasher::new();
        (self.faults.seed, id, times).hash(&mut hasher);
        let number = hasher.finish();
        let mut left = (number >> 11) as f64 / (1_u64 << 53) as f64;
        let Faults { throttle, error, timeout, truncate, reorder, drip, garble, .. } = self.faults;
        let shares = [
            (throttle, Fault::Throttle),
            (error, Fault::Error),
            (timeout, Fault::Timeout),
            (truncate, Fault::Truncate),
            (reorder, Fault::Reorder),
            (drip, Fault::Drip),
            (garble, Fault::Garble),
        ];
        for (share, fault) in shares {
            if left < share {
                return (Some(fault), number);
            }
            left -= share;
        }
        (None, number)
    }
}

struct Faulty {
    mischief: Arc<Mischief>,
    inner: Arc<dyn Transport>,
}

impl Transport for Faulty {
    fn exchange<'a>(&'a self, request: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>> {
        Box::pin(async move {
            let (fault, number) = self.mischief.next(request);
            let answer = |status, body: &[u8]| {
                let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                Ok(Incoming { status, headers, body: body.to_vec(), wire_bytes: body.len() as u64 })
            };
            match fault {
                Some(Fault::Throttle) => {
                    answer(429, br#"{"__type":"ThrottlingException","message":"on purpose"}"#)
                }
                Some(Fault::Error) => answer(500, br#"{"message":"on purpose"}"#),
                Some(Fault::Timeout) => Err(HttpError::TimedOut),
                Some(Fault::Truncate) => Err(HttpError::Other(ENDED.into())),
                Some(Fault::Garble) => answer(200, br#"{"on purpose": [1, "#),
                Some(Fault::Reorder) => {
                    tokio::time::sleep(Duration::from_millis(1 + number % 20)).await;
                    self.inner.exchange(request).await
                }
                Some(Fault::Drip) => {
                    let answer = self.inner.exchange(request).await;
                    tokio::time::sleep(Duration::from_millis(100 + number % 400)).await;
                    answer
                }
                None => self.inner.exchange(request).await,
            }
        })
    }
}
