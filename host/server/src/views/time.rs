//! Moments as RFC 3339 in UTC.

use inventar_model::Timestamp;

/// `2026-11-22T23:53:33.123Z`; a moment that no calendar has becomes the epoch.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let check = |millis, expected: &str| assert_eq!(rfc3339(Timestamp(millis)), expected);
        check(0, "1970-01-01T00:00:00Z");
        check(1_700_000_000_123, "2023-11-14T22:13:20.123Z");
        check(i64::MAX, "1970-01-01T00:00:00Z");
    }
}
