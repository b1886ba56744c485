//! Points in time as people write them, and as they read them.

use crate::exit::Stop;
use inventar_model::Timestamp;
use inventar_store::{Moment, RunId};
use jiff::civil;
use jiff::tz::TimeZone;

/// `#3` is a run; else [`time`].
pub(crate) fn moment(text: &str, now: Timestamp) -> Result<Moment, Stop> {
    match text.strip_prefix('#').map(str::parse) {
        Some(Ok(run)) => Ok(Moment::Run(RunId(run))),
        Some(Err(_)) => {
            Err(Stop::usage(format!("`{text}` is no run")).hint("`inventar get runs` lists them: #1, #2 …"))
        }
        None => time(text, now).map(Moment::At),
    }
}

/// A date, a date with a time, or an age: `2026-11-01`, `2026-11-01T12:00Z`, `24h`, `7d`. Without a zone it is the
/// local time.
pub(crate) fn time(text: &str, now: Timestamp) -> Result<Timestamp, Stop> {
    if let Some(age) = age_ms(text) {
        return Ok(Timestamp(now.0.saturating_sub(age)));
    }
    let local = |time: civil::DateTime| time.to_zoned(TimeZone::system()).map(|time| time.timestamp());
    let time = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| text.parse::<civil::DateTime>().and_then(local))
        .or_else(|_| text.parse::<civil::Date>().and_then(|date| local(date.at(0, 0, 0, 0))));
    time.map(|time| Timestamp(time.as_millisecond())).map_err(|_| {
        Stop::usage(format!("`{text}` is no time"))
            .hint("write 2026-11-01, 2026-11-01T12:00Z, or an age: 30m, 24h, 7d, 4w")
    })
}

/// `30m`, `24h`, `7d`, `4w` in milliseconds.
pub(crate) fn age_ms(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit_ms: i64 = match unit {
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    unit_ms.checked_mul(number.into())
}

/// Now.
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// `2026-11-23 01:02`, local time.
pub(crate) fn in_words(time: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.0)
        .map(|time| time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_else(|_| "?".into())
}

/// `2026-11-23T00:02:03.456Z`, for programs.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.0).map(|time| time.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(time(text, NOW).ok().map(|time| time.0), expected, "{text}");
    }

    #[test]
    fn times() {
        check("24h", Some(NOW.0 - 86_400_000));
        check("1w", Some(NOW.0 - 604_800_000));
        check("2023-11-14T22:13:20Z", Some(NOW.0));
        check("2023-11-14T23:13:20+01:00", Some(NOW.0));
        check("99999999999999d", None);
        check("h", None);
        check("", None);
        check("ü", None);
        check("yesterday", None);
        assert!(time("2026-11-01", NOW).is_ok());
        assert!(time("2026-11-01T12:00", NOW).is_ok());
        assert!(matches!(moment("#3", NOW), Ok(Moment::Run(RunId(3)))));
        assert!(moment("#x", NOW).is_err());
    }
}
