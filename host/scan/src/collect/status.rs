//! How an attempt at a scope ended, from what the plugin said and what it was refused. Pure.

use inventar_model::{CoverageGap, Ended, Gap, GapReason, ScopeStatus};

/// Weighs the end of a scope against its gaps. What a service refused is not complete, whatever the plugin says.
pub(super) fn weigh(ended: Ended, gaps: &[CoverageGap]) -> ScopeStatus {
    let failures: Vec<&GapReason> =
        gaps.iter().filter(|gap| gap.class() == Gap::Failure).map(|gap| &gap.reason).collect();
    match ended {
        Ended::Skipped => return ScopeStatus::Skipped,
        Ended::Complete if failures.is_empty() => return ScopeStatus::Complete,
        Ended::Complete | Ended::Partial => {}
    }
    let mut kinds = failures.iter().map(|reason| match reason {
        GapReason::AccessDenied | GapReason::CredentialMissing => ScopeStatus::Denied,
        GapReason::RateLimited(_) => ScopeStatus::Throttled,
        GapReason::Unreachable | GapReason::TimedOut => ScopeStatus::Unreachable,
        _ => ScopeStatus::Partial,
    });
    match kinds.next() {
        Some(first) if kinds.all(|kind| kind == first) => first,
        _ => ScopeStatus::Partial,
    }
}

/// One line that says why a scope is not complete.
pub(super) fn reason(detail: &str, gaps: &[CoverageGap]) -> String {
    if !detail.is_empty() {
        return detail.to_owned();
    }
    let mut failures = gaps.iter().filter(|gap| gap.class() == Gap::Failure).peekable();
    let Some(first) = failures.next() else { return String::new() };
    let mut line = format!("{}: {}", first.at, first.reason.as_str());
    if !first.detail.is_empty() {
        line = format!("{line}: {}", first.detail);
    }
    match failures.count() {
        0 => line,
        more => format!("{line} (and {more} more)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ended: Ended, gaps: &[GapReason], expected: &str) {
        let gap = |reason: &GapReason| CoverageGap {
            at: "svc:List".into(),
            reason: reason.clone(),
            detail: String::new(),
            retriable: false,
        };
        let gaps: Vec<CoverageGap> = gaps.iter().map(gap).collect();
        let outcome = format!("{} {}", weigh(ended, &gaps), reason("", &gaps));
        assert_eq!(outcome.trim_end(), expected);
    }

    #[test]
    fn ends() {
        use GapReason::*;
        check(Ended::Complete, &[], "complete");
        check(Ended::Complete, &[Unparsable], "complete");
        check(Ended::Complete, &[AccessDenied], "denied svc:List: access-denied");
        check(Ended::Partial, &[], "partial");
        check(Ended::Partial, &[Unparsable], "partial");
        check(
            Ended::Partial,
            &[AccessDenied, CredentialMissing],
            "denied svc:List: access-denied (and 1 more)",
        );
        check(Ended::Partial, &[AccessDenied, Unparsable], "denied svc:List: access-denied");
        check(Ended::Partial, &[AccessDenied, Unreachable], "partial svc:List: access-denied (and 1 more)");
        check(Ended::Partial, &[RateLimited(None)], "throttled svc:List: rate-limited");
        check(Ended::Partial, &[Unreachable, TimedOut], "unreachable svc:List: unreachable (and 1 more)");
        check(Ended::Partial, &[BudgetExhausted], "partial svc:List: budget-exhausted");
        check(Ended::Skipped, &[BudgetExhausted], "skipped svc:List: budget-exhausted");
    }
}
