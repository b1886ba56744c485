//! What a scan will take: from the last one where there was one, else from the manifest.

use inventar_model::{Budget, Egress, HttpMethod, Protocol, Scope, ScopeRun};
use serde::Serialize;
use std::collections::BTreeMap;

/// A call's time where nothing is known.
const USUAL_MS: u64 = 150;

/// Requests that are on their way at once.
fn at_once() -> u64 {
    let scopes = inventar_scan::CollectOptions::default().concurrency;
    scopes.min(inventar_broker::Limits::default().concurrent).max(1) as u64
}

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Basis {
    /// As many as the last time.
    LastRun,
    /// The average of scopes of its kind the last time.
    LikeOthers,
    /// One call for each operation that lists: the least; what there is decides the rest.
    Manifest,
}

/// A scope and what it will take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) scope: Scope,
    pub(super) calls: u64,
    pub(super) bytes: u64,
    pub(super) cost_microusd: u64,
    pub(super) millis: u64,
    pub(super) basis: Basis,
}

/// All scopes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Total {
    pub(super) calls: u64,
    pub(super) bytes: u64,
    pub(super) cost_microusd: u64,
    pub(super) millis: u64,
}

/// What each scope will take, in their order.
pub(super) fn rows(scopes: &[Scope], last: &[ScopeRun], rules: &[Egress]) -> Vec<Row> {
    let before: BTreeMap<&str, &ScopeRun> = last.iter().map(|run| (run.scope.id.as_str(), run)).collect();
    scopes
        .iter()
        .map(|scope| match before.get(scope.id.as_str()).filter(|run| run.spent.calls > 0) {
            Some(run) => from_runs(scope, &[run], Basis::LastRun),
            None => {
                let alike: Vec<&ScopeRun> = last
                    .iter()
                    .filter(|run| run.spent.calls > 0 && service(&run.scope.id) == service(&scope.id))
                    .collect();
                if alike.is_empty() {
                    from_manifest(scope, rules)
                } else {
                    from_runs(scope, &alike, Basis::LikeOthers)
                }
            }
        })
        .collect()
}

/// Together; scopes are worked on side by side.
pub(super) fn total(rows: &[Row]) -> Total {
    let sum = |of: fn(&Row) -> u64| rows.iter().map(of).fold(0, u64::saturating_add);
    let longest = rows.iter().map(|row| row.millis).max().unwrap_or(0);
    Total {
        calls: sum(|row| row.calls),
        bytes: sum(|row| row.bytes),
        cost_microusd: sum(|row| row.cost_microusd),
        millis: longest.max(sum(|row| row.millis) / at_once()),
    }
}

/// Which parts of a budget will not do, in words.
pub(super) fn too_little(total: &Total, budget: &Budget) -> Vec<&'static str> {
    let over = |limit: Option<u64>, needed: u64| limit.is_some_and(|limit| limit < needed);
    [
        (over(budget.calls, total.calls), "calls"),
        (over(budget.bytes, total.bytes), "bytes"),
        (over(budget.cost_microusd, total.cost_microusd), "cost"),
        (over(budget.seconds, total.millis / 1_000), "time"),
    ]
    .into_iter()
    .filter_map(|(over, what)| over.then_some(what))
    .collect()
}

/// What a scope is about: the last part of its id.
fn service(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn from_runs(scope: &Scope, runs: &[&ScopeRun], basis: Basis) -> Row {
    let mean = |of: fn(&ScopeRun) -> u64| {
        let sum = runs.iter().map(|run| of(run)).fold(0, u64::saturating_add);
        sum.div_ceil(runs.len().max(1) as u64)
    };
    Row {
        scope: scope.clone(),
        calls: mean(|run| run.spent.calls),
        bytes: mean(|run| run.spent.bytes),
        cost_microusd: mean(|run| run.spent.cost_microusd),
        millis: mean(|run| run.millis),
        basis,
    }
}

fn from_manifest(scope: &Scope, rules: &[Egress]) -> Row {
    // A scope is usually named after its service: `agentcore` for `bedrock-agentcore`.
    let about = service(&scope.id);
    let named = |rule: &&Egress| rule.service == about || rule.service.split('-').any(|word| word == about);
    let named: Vec<&Egress> = rules.iter().filter(named).collect();
    // Of the others we know only what a service takes on average.
    let (rules, share) = match named.len() {
        0 if rules.len() > 3 => (rules.iter().collect(), rules.len() as u64),
        0 => (rules.iter().collect(), 1),
        _ => (named, 1),
    };
    let mut row =
        Row { scope: scope.clone(), calls: 0, bytes: 0, cost_microusd: 0, millis: 0, basis: Basis::Manifest };
    for rule in rules {
        let calls = lists(rule);
        row.calls += calls;
        row.cost_microusd = row.cost_microusd.saturating_add(calls.saturating_mul(rule.cost_microusd));
        let each = rule.per_second.map_or(USUAL_MS, |rate| (1_000 / u64::from(rate.max(1))).max(USUAL_MS));
        row.millis += calls * each;
    }
    row.calls = row.calls.div_ceil(share);
    row.cost_microusd = row.cost_microusd.div_ceil(share);
    row.millis = row.millis.div_ceil(share);
    row
}

/// How many operations of a rule need no name of a thing: a scan begins with those.
fn lists(rule: &Egress) -> u64 {
    let is_list = |operation: &&inventar_model::Operation| match rule.protocol {
        Protocol::Kubernetes => operation.name.starts_with("list "),
        Protocol::AwsJson | Protocol::AwsQuery => operation.name.starts_with("List"),
        Protocol::Rest => {
            operation.method != Some(HttpMethod::Head)
                && operation.paths.iter().any(|path| !path.contains('{'))
        }
    };
    rule.operations.iter().filter(is_list).count().max(1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::manifest;
    use inventar_model::{ScopeStatus, Spent};

    fn scope(id: &str) -> Scope {
        Scope { id: id.into(), kind: "region".into(), label: id.into() }
    }

    fn run(id: &str, calls: u64) -> ScopeRun {
        let spent = Spent { calls, bytes: calls * 100, cost_microusd: calls, ..Spent::default() };
        ScopeRun {
            scope: scope(id),
            status: ScopeStatus::Complete,
            detail: String::new(),
            seen: 1,
            spent,
            millis: calls * 10,
        }
    }

    #[track_caller]
    fn check(id: &str, last: &[ScopeRun], calls: u64, basis: Basis) {
        let rows = rows(&[scope(id)], last, &manifest().egress);
        assert_eq!((rows[0].calls, rows[0].basis), (calls, basis), "{id}");
    }

    #[test]
    fn the_last_run_says_most() {
        let last = [run("aws/1/eu-west-1/sagemaker", 40), run("aws/1/eu-west-2/sagemaker", 20)];
        check("aws/1/eu-west-1/sagemaker", &last, 40, Basis::LastRun);
        check("aws/1/us-east-1/sagemaker", &last, 30, Basis::LikeOthers);
        check("aws/1/us-east-1/bedrock-agent", &last, 1, Basis::Manifest);
        check("aws/1/us-east-1/sagemaker", &[], 1, Basis::Manifest);
        check("aws/1/us-east-1/agent", &[], 1, Basis::Manifest);
        check("cluster/kubernetes", &[], 3, Basis::Manifest);
        // Four rules with six operations that list.
        check("anything", &[], 2, Basis::Manifest);
    }

    #[test]
    fn a_budget_is_held_against_the_sum() {
        let last = [run("a/sagemaker", 40), run("b/sagemaker", 60)];
        let rows = rows(&[scope("a/sagemaker"), scope("b/sagemaker")], &last, &manifest().egress);
        let total = total(&rows);
        assert_eq!((total.calls, total.bytes, total.cost_microusd, total.millis), (100, 10_000, 100, 600));
        let budget =
            |calls, cost| Budget { calls: Some(calls), cost_microusd: Some(cost), ..Budget::default() };
        assert_eq!(too_little(&total, &budget(100, 100)), Vec::<&str>::new());
        assert_eq!(too_little(&total, &budget(99, 99)), ["calls", "cost"]);
    }
}
