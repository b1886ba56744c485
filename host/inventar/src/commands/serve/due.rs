//! Scans that the configuration schedules, while the server runs.
//!
//! Each is a process of its own: a scan that fails takes nothing with it, and one that is stopped with the server is
//! taken up again by the next.

use crate::commands::Context;
use crate::exit::Exit;
use crate::moment;
use crate::schedule::Schedule;
use inventar_model::Timestamp;
use inventar_store::Store;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// The clock is looked at this often: it may be set, and machines sleep.
const GLANCE: Duration = Duration::from_secs(30);

/// Runs what is due, for ever; without schedules it waits.
pub(super) async fn run(context: &Context, store: &Store) {
    let schedules: BTreeMap<&str, &Schedule> = context
        .config
        .sources
        .iter()
        .filter_map(|(name, source)| Some((name.as_str(), &source.schedule.as_ref()?.value)))
        .collect();
    if schedules.is_empty() {
        return std::future::pending().await;
    }
    for (name, schedule) in &schedules {
        context.console.note(&format!("`{name}` is scanned {schedule}"));
    }
    let begun = moment::now();
    let mut tried: BTreeMap<&str, Timestamp> = BTreeMap::new();
    loop {
        let now = moment::now();
        for (name, schedule) in &schedules {
            let recorded = last_run(store, name).await;
            let last = recorded.max(tried.get(name).copied());
            if is_due(schedule, last, begun, now, &TimeZone::system()) {
                tried.insert(name, moment::now());
                scan(name, context).await;
            }
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// A source that was never scanned is due at once when it is to be scanned every so often, else at its next time.
fn is_due(
    schedule: &Schedule,
    last: Option<Timestamp>,
    begun: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> bool {
    match last {
        None if schedule.is_interval() => true,
        last => schedule.next(last.unwrap_or(begun), zone).is_some_and(|next| next <= now),
    }
}

async fn last_run(store: &Store, name: &str) -> Option<Timestamp> {
    match store.sources().await {
        Ok(sources) => sources.iter().find(|row| row.name.as_str() == name).map(|row| row.latest.started),
        Err(error) => {
            tracing::warn!("cannot tell when `{name}` was scanned: {error}");
            None
        }
    }
}

async fn scan(name: &str, context: &Context) {
    let outcome = async {
        let program = std::env::current_exe()?;
        let mut command = Command::new(program);
        command.arg("scan").arg(name).arg("--quiet").arg("--data").arg(context.data.path());
        if let Some(file) = &context.config_file {
            command.arg("--config").arg(file);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).status().await
    };
    match outcome.await {
        Ok(status) if status.success() => context.console.note(&format!("Scanned {name} as scheduled.")),
        Ok(status) => {
            let words =
                status.code().map_or("it was killed".to_owned(), |code| format!("it ended with code {code}"));
            context.console.warn(&format!("the scheduled scan of `{name}` was not whole: {words}"));
        }
        Err(error) => context.console.warn(&format!(
            "the scheduled scan of `{name}` did not start: {error} (code {})",
            Exit::Store.code()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(schedule: &str, last: Option<i64>, now: i64, expected: bool) {
        const MINUTE: i64 = 60_000;
        let at = |minutes: i64| Timestamp(minutes * MINUTE);
        let schedule: Schedule = schedule.parse().unwrap();
        let due = is_due(&schedule, last.map(at), at(1_000), at(now), &TimeZone::UTC);
        assert_eq!(due, expected, "{schedule} {last:?} {now}");
    }

    #[test]
    fn what_is_due() {
        check("every 1h", None, 1_000, true);
        check("every 1h", Some(990), 1_000, false);
        check("every 1h", Some(940), 1_000, true);
        // 1,000 minutes after the epoch it is 16:40; the server began then.
        check("0 17 * * *", None, 1_000, false);
        check("0 17 * * *", None, 1_020, true);
        check("0 17 * * *", Some(1_020), 1_030, false);
        // What was missed while nobody served is made up for.
        check("0 16 * * *", Some(10), 1_000, true);
    }
}
