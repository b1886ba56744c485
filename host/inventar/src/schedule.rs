//! When a source is due: `every 6h`, or the five fields of cron in local time.

use inventar_model::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use std::fmt;
use std::str::FromStr;

/// The shortest distance of two runs.
const SHORTEST_MS: i64 = 60_000;

/// A day of the year is looked for no further than this: 29 February comes within eight years.
const DAYS_AHEAD: usize = 366 * 8 + 1;

/// How often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schedule {
    text: String,
    rule: Rule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// So many milliseconds after the last run began.
    Every(i64),
    Cron(Box<Cron>),
}

/// Which minutes: a bit for each value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// A day is right when either of the two fields has it, once both say something.
    either_day: bool,
}

impl Schedule {
    /// Whether it counts from the last run, not by the clock.
    pub(crate) fn is_interval(&self) -> bool {
        matches!(self.rule, Rule::Every(_))
    }

    /// The first moment after a run that began at `last`. None: never (30 February).
    pub(crate) fn next(&self, last: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match &self.rule {
            Rule::Every(ms) => Some(Timestamp(last.0.saturating_add(*ms))),
            Rule::Cron(cron) => {
                let last = jiff::Timestamp::from_millisecond(last.0).ok()?.to_zoned(zone.clone()).datetime();
                let next = cron.next(last)?.to_zoned(zone.clone()).ok()?;
                Some(Timestamp(next.timestamp().as_millisecond()))
            }
        }
    }
}

impl Cron {
    fn next(&self, after: DateTime) -> Option<DateTime> {
        let start = after.checked_add(1.minute()).ok()?.with().second(0).subsec_nanosecond(0).build().ok()?;
        let mut date = start.date();
        for _ in 0..DAYS_AHEAD {
            if self.has_day(date) {
                let from = if date == start.date() { start.time() } else { Time::midnight() };
                if let Some(time) = self.time(from) {
                    return Some(date.to_datetime(time));
                }
            }
            date = date.checked_add(Span::new().days(1)).ok()?;
        }
        None
    }

    fn time(&self, from: Time) -> Option<Time> {
        let wanted = |bits: u64, value: i8| bits & 1 << value != 0;
        (from.hour()..24).filter(|hour| wanted(self.hours, *hour)).find_map(|hour| {
            let first = if hour == from.hour() { from.minute() } else { 0 };
            let minute = (first..60).find(|minute| wanted(self.minutes, *minute))?;
            Time::new(hour, minute, 0, 0).ok()
        })
    }

    fn has_day(&self, date: jiff::civil::Date) -> bool {
        let day = self.days & 1 << date.day() != 0;
        let weekday = self.weekdays & 1 << date.weekday().to_sunday_zero_offset() != 0;
        let right = if self.either_day { day || weekday } else { day && weekday };
        right && self.months & 1 << date.month() != 0
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let rule = match text.strip_prefix("every ") {
            Some(age) => Rule::Every(every(age.trim())?),
            None => Rule::Cron(Box::new(cron(text)?)),
        };
        Ok(Self { text: text.to_owned(), rule })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn every(age: &str) -> Result<i64, String> {
    let wrong = || "write `every 30m`, `every 6h`, `every 1d` or the five fields of cron".to_owned();
    let ms = crate::moment::age_ms(age).ok_or_else(wrong)?;
    if ms < SHORTEST_MS { Err("more often than once a minute".into()) } else { Ok(ms) }
}

fn cron(text: &str) -> Result<Cron, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
        return Err(
            "write `every 6h`, or minute, hour, day, month and weekday as cron does: `30 2 * * *`".into()
        );
    };
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let sundays = |bits: u64| if bits & 1 << 7 != 0 { bits | 1 } else { bits };
    Ok(Cron {
        minutes: field("minute", minutes, 0, 59, &[])?,
        hours: field("hour", hours, 0, 23, &[])?,
        days: field("day", days, 1, 31, &[])?,
        months: field("month", months, 1, 12, &MONTHS)?,
        weekdays: sundays(field("weekday", weekdays, 0, 7, &WEEKDAYS)?),
        either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
    })
}

/// `*`, `5`, `1-5`, `*/15`, `1-30/2`, and lists of them.
fn field(what: &str, text: &str, low: u64, high: u64, names: &[&str]) -> Result<u64, String> {
    let value = |text: &str| -> Result<u64, String> {
        let named = names.iter().position(|name| text.eq_ignore_ascii_case(name));
        let number = named.map(|at| at as u64 + low).or_else(|| text.parse().ok());
        number
            .filter(|n| (low..=high).contains(n))
            .ok_or_else(|| format!("the {what} `{}` is not {low} to {high}", text.escape_debug()))
    };
    let mut bits = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = step.parse::<u64>().ok().filter(|n| (1..=high).contains(n));
                (range, step.ok_or_else(|| format!("the step of the {what} is not 1 to {high}"))?)
            }
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => (value(from)?, value(to)?),
            None if part.contains('/') => (value(range)?, high),
            None => (value(range)?, value(range)?),
        };
        if from > to {
            return Err(format!("the {what} `{}` ends before it begins", range.escape_debug()));
        }
        bits = (from..=to).step_by(step as usize).fold(bits, |bits, n| bits | 1 << n);
    }
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(schedule: &str, last: &str, expected: &str) {
        let words = match schedule.parse::<Schedule>() {
            Err(why) => why,
            Ok(schedule) => {
                let last = Timestamp(last.parse::<jiff::Timestamp>().unwrap().as_millisecond());
                let next = schedule.next(last, &TimeZone::UTC);
                next.map_or("never".into(), crate::moment::rfc3339)
            }
        };
        assert_eq!(words, expected, "{schedule}");
    }

    #[test]
    fn the_next_run() {
        let sunday = "2026-11-22T10:07:30Z";
        check("every 6h", sunday, "2026-11-22T16:07:30Z");
        check("every 0m", sunday, "more often than once a minute");
        check("every now", sunday, "write `every 30m`, `every 6h`, `every 1d` or the five fields of cron");
        check("30 2 * * *", sunday, "2026-11-23T02:30:00Z");
        check("*/15 * * * *", sunday, "2026-11-22T10:15:00Z");
        check("7 10 * * *", sunday, "2026-11-23T10:07:00Z");
        check("0 9-17/4 * * mon-fri", sunday, "2026-11-23T09:00:00Z");
        check("0 0 * * 7", sunday, "2026-11-29T00:00:00Z");
        check("0 0 1 * mon", sunday, "2026-11-23T00:00:00Z");
        check("0 0 1,15 jan *", sunday, "2027-01-01T00:00:00Z");
        check("0 0 29 2 *", sunday, "2028-02-29T00:00:00Z");
        check("0 0 30 2 *", sunday, "never");
        check("60 * * * *", sunday, "the minute `60` is not 0 to 59");
        check("5-1 * * * *", sunday, "the minute `5-1` ends before it begins");
        check("*/0 * * * *", sunday, "the step of the minute is not 1 to 59");
        check(
            "* * * *",
            sunday,
            "write `every 6h`, or minute, hour, day, month and weekday as cron does: `30 2 * * *`",
        );
    }

    /// Against a slow reference: every minute tried.
    #[test]
    fn next_is_the_first_minute_that_fits() {
        for text in ["17 3 * * *", "*/7 5-6 * * 1,3", "0 12 13 * fri", "59 23 31 * *"] {
            let Rule::Cron(cron) = text.parse::<Schedule>().unwrap().rule else { unreachable!() };
            let mut at: DateTime = "2026-11-22T10:07:30".parse().unwrap();
            for _ in 0..5 {
                let next = cron.next(at).unwrap();
                let mut minute = at.with().second(0).build().unwrap();
                loop {
                    minute = minute.checked_add(1.minute()).unwrap();
                    let fits = cron.has_day(minute.date())
                        && cron.hours & 1 << minute.hour() != 0
                        && cron.minutes & 1 << minute.minute() != 0;
                    if fits {
                        break;
                    }
                }
                assert_eq!(next, minute, "{text}");
                at = next;
            }
        }
    }
}
