//! What one run may use.

use crate::exit::Stop;
use crate::present::grouped;
use inventar_model::Budget;

const HINT: &str = "write calls=5000,cost=0.50,bytes=200MB,time=15m; cost is in US dollars";

/// `calls=…,cost=…,bytes=…,time=…`, once or in several flags.
pub(crate) fn budget(given: &[String]) -> Result<Budget, Stop> {
    let mut budget = Budget::default();
    for part in given.iter().flat_map(|text| text.split(',')) {
        let wrong =
            |why: &str| Stop::usage(format!("`{}` is no budget: {why}", part.escape_debug())).hint(HINT);
        let (key, value) = part.trim().split_once('=').ok_or_else(|| wrong("it is not KEY=VALUE"))?;
        let slot = match key {
            "calls" => (&mut budget.calls, value.replace('_', "").parse().ok()),
            "bytes" => (&mut budget.bytes, bytes(value)),
            "cost" => (&mut budget.cost_microusd, microusd(value)),
            "time" => (&mut budget.seconds, seconds(value)),
            _ => return Err(wrong("known are calls, cost, bytes and time")),
        };
        match slot {
            (Some(_), _) => return Err(wrong("it is given twice")),
            (_, None) => return Err(wrong("that is no amount")),
            (slot, amount) => *slot = amount,
        }
    }
    Ok(budget)
}

fn bytes(text: &str) -> Option<u64> {
    let units = [("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1), ("", 1)];
    let (number, factor) =
        units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))?;
    number.trim().parse::<u64>().ok()?.checked_mul(factor)
}

/// `0.5`, `$0.50`: at most six decimals.
fn microusd(text: &str) -> Option<u64> {
    let text = text.strip_prefix('$').unwrap_or(text);
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if part.len() > 6 || !digits(part) || !digits(whole) || whole.is_empty() {
        return None;
    }
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(part)
}

fn seconds(text: &str) -> Option<u64> {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let (number, factor) =
        units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))?;
    number.trim().parse::<u64>().ok().filter(|n| *n > 0)?.checked_mul(factor)
}

/// `at most 5,000 calls, $0.50 and 15 min a run`.
pub(crate) fn budget_in_words(budget: &Budget) -> String {
    let parts: Vec<String> = [
        budget.calls.map(|calls| format!("{} calls", grouped(calls))),
        budget.cost_microusd.map(cost_in_words),
        budget.bytes.map(bytes_in_words),
        budget.seconds.map(|seconds| time_in_words(seconds * 1_000)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { "no limit".into() } else { format!("at most {} a run", parts.join(", ")) }
}

/// `$0.004`, `$12.50`, `$0`.
pub(crate) fn cost_in_words(microusd: u64) -> String {
    let (whole, part) = (microusd / 1_000_000, microusd % 1_000_000);
    let digits = format!("{part:06}");
    let digits = digits.trim_end_matches('0');
    match digits.len() {
        0 => format!("${whole}"),
        1 => format!("${whole}.{digits}0"),
        _ => format!("${whole}.{digits}"),
    }
}

/// `1.4 MB`.
pub(crate) fn bytes_in_words(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// `250 ms`, `12 s`, `2 min 10 s`, `1 h 5 min`.
pub(crate) fn time_in_words(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{seconds} s"),
        60..3_600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let words = match budget(&[text.to_owned()]) {
            Ok(budget) => budget_in_words(&budget),
            Err(stop) => stop.what().to_owned(),
        };
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn budgets() {
        check("calls=5000", "at most 5,000 calls a run");
        check(
            "calls=5_000,cost=0.5,bytes=200MB,time=15m",
            "at most 5,000 calls, $0.50, 200.0 MB, 15 min a run",
        );
        check("cost=$12", "at most $12 a run");
        check("cost=0.0000001", "`cost=0.0000001` is no budget: that is no amount");
        check("cost=-1", "`cost=-1` is no budget: that is no amount");
        check("calls=many", "`calls=many` is no budget: that is no amount");
        check("calls=1,calls=2", "`calls=2` is no budget: it is given twice");
        check("time=0s", "`time=0s` is no budget: that is no amount");
        check("time=99999999999999999999h", "`time=99999999999999999999h` is no budget: that is no amount");
        check("money=1", "`money=1` is no budget: known are calls, cost, bytes and time");
        check("calls", "`calls` is no budget: it is not KEY=VALUE");
    }

    #[test]
    fn amounts_in_words() {
        for (microusd, expected) in [(0, "$0"), (4_000, "$0.004"), (500_000, "$0.50"), (12_340_000, "$12.34")]
        {
            assert_eq!(cost_in_words(microusd), expected);
        }
        for (millis, expected) in [
            (250, "250 ms"),
            (12_900, "12 s"),
            (130_000, "2 min 10 s"),
            (900_000, "15 min"),
            (3_900_000, "1 h 5 min"),
        ] {
            assert_eq!(time_in_words(millis), expected);
        }
        for (bytes, expected) in [(12, "12 B"), (1_500, "1.5 KB"), (2_000_000, "2.0 MB")] {
            assert_eq!(bytes_in_words(bytes), expected);
        }
    }
}
