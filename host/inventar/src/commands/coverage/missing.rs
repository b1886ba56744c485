//! `inventar coverage --missing`: which scopes of connected sources are not complete, and what to grant.

use super::super::get::{pretty, print};
use super::super::{Context, block_on, open_recorded, sources, store_failed};
use crate::cli;
use crate::exit::{Ending, Stop};
use crate::moment;
use crate::plugins;
use crate::policy::{self, Authority};
use crate::present::{Format, Grid, bold, clean, dim, format_among, grouped};
use console::Style;
use inventar_model::{GapReason, OperationUse, Scope, ScopeStatus, StampedGap};
use inventar_runtime::Manifest;
use inventar_store::{RunDetail, ScopeRow};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Runs the command.
pub(super) fn run(args: &cli::Coverage, context: &Context) -> anyhow::Result<Ending> {
    let format = format_among(args.output.as_ref(), &[Format::Table, Format::Json])?;
    let looked = looked(args, context)?;
    if args.fix_policy {
        fix_policy(&looked, context)?;
        return Ok(Ending::SUCCESS);
    }
    match format {
        Format::Json => match looked.as_slice() {
            [one] => print(&pretty(&one.json()))?,
            all => print(&pretty(&all.iter().map(Looked::json).collect()))?,
        },
        _ => {
            let texts: Vec<String> = looked.iter().map(|one| one.text(console::colors_enabled())).collect();
            print(&texts.join("\n"))?;
        }
    }
    Ok(Ending::SUCCESS)
}

/// A connected source as its latest run left it.
struct Looked {
    run: RunDetail,
    scopes: Vec<ScopeRow>,
    /// What the run called.
    called: Vec<OperationUse>,
    /// What its plugin ever called.
    ever: Vec<OperationUse>,
    manifest: Option<Manifest>,
}

fn looked(args: &cli::Coverage, context: &Context) -> Result<Vec<Looked>, Stop> {
    let mut looked = block_on(async {
        let store = open_recorded(context).await?;
        let failed = |error| store_failed(&error);
        let mut looked = Vec::new();
        for source in sources(&store, args.of.source.as_deref()).await? {
            let scopes = store.scopes(&source).await.map_err(failed)?;
            let Some(run) = store.latest_run(&source, None).await.map_err(failed)? else { continue };
            if scopes.is_empty() && run.unseen.is_empty() {
                continue;
            }
            let called = store.operations(run.id).await.map_err(failed)?;
            let ever = match run.plugins.as_slice() {
                [plugin] => store.operations_of(&plugin.id).await.map_err(failed)?,
                _ => vec![],
            };
            looked.push(Looked { run, scopes, called, ever, manifest: None });
        }
        Ok::<_, Stop>(looked)
    })??;
    looked.retain(|one| !one.scopes.is_empty() || !one.called.is_empty());
    if looked.is_empty() {
        return Err(Stop::usage("no connected source was scanned yet")
            .hint("`inventar source add` connects one; for folders see `inventar coverage`"));
    }
    let plugins = plugins::load(&plugins::runtime(None)?, &context.config.plugin_files.value)?;
    for one in &mut looked {
        let of_run = |plugin: &&inventar_runtime::Plugin| {
            one.run.plugins.iter().any(|used| used.id == plugin.manifest().id)
        };
        one.manifest = plugins.iter().find(of_run).map(|plugin| plugin.manifest().clone());
    }
    Ok(looked)
}

impl Looked {
    fn incomplete(&self) -> impl Iterator<Item = &ScopeRow> {
        self.scopes.iter().filter(|row| row.latest.status != ScopeStatus::Complete)
    }

    /// Actions that were refused: those that gaps name, and those of calls that were never answered otherwise.
    fn refused(&self) -> BTreeSet<&str> {
        let named = self.scopes.iter().flat_map(|row| refused_in(&row.latest.scope, &self.run.gaps));
        let never = self.called.iter().filter(|used| used.denied > 0 && used.denied == used.calls);
        named.chain(never.flat_map(|used| used.actions.iter().map(String::as_str))).collect()
    }

    /// How many actions the plugin needs, has used, and has not called yet.
    fn permissions(&self) -> Option<(usize, usize, usize)> {
        let manifest = self.manifest.as_ref()?;
        let needed: BTreeSet<&str> = [Authority::Aws, Authority::Kubernetes, Authority::Other]
            .into_iter()
            .flat_map(|authority| policy::actions(manifest, authority))
            .collect();
        let answered = self.ever.iter().filter(|used| used.calls > used.denied);
        let used: BTreeSet<&str> =
            answered.flat_map(|used| used.actions.iter().map(String::as_str)).collect();
        let refused = self.refused();
        let rest =
            needed.iter().filter(|action| !used.contains(*action) && !refused.contains(*action)).count();
        Some((needed.len(), needed.intersection(&used).count(), rest))
    }

    fn json(&self) -> Value {
        let scopes: Vec<Value> = self
            .incomplete()
            .map(|row| {
                let missing: Vec<&str> = refused_in(&row.latest.scope, &self.run.gaps).collect();
                json!({
                    "scope": row.latest.scope.id, "status": row.latest.status.as_str(), "missing": missing,
                    "detail": row.latest.detail, "last_complete": row.last_complete.map(moment::rfc3339),
                })
            })
            .collect();
        let permissions = self.permissions().map(|(needed, used, rest)| {
            json!({ "needed": needed, "used": used, "refused": self.refused(), "not_called": rest })
        });
        json!({
            "source": self.run.source.as_str(), "run": self.run.id.0, "status": self.run.status.as_str(),
            "complete": self.scopes.len() - scopes.len(), "scopes": self.scopes.len(), "missing": scopes,
            "permissions": permissions,
        })
    }

    fn text(&self, colour: bool) -> String {
        let all = self.scopes.len();
        let missing = self.incomplete().count();
        let mut out = format!(
            "{}  run #{}, {}: {} of {} scopes are complete\n",
            bold(&clean(self.run.source.as_str()), colour),
            self.run.id,
            moment::in_words(self.run.ended),
            grouped((all - missing) as u64),
            grouped(all as u64)
        );
        let mut grid = Grid::new(&["  SCOPE", "STATUS", "MISSING", "LAST COMPLETE", "WHY"], colour);
        for row in self.incomplete() {
            let actions: Vec<&str> = refused_in(&row.latest.scope, &self.run.gaps).collect();
            grid.row(
                [
                    format!("  {}", clean(&row.latest.scope.id)),
                    row.latest.status.to_string(),
                    if actions.is_empty() { "-".into() } else { clean(&actions.join(", ")).into_owned() },
                    row.last_complete.map_or("never".into(), moment::in_words),
                    clean(&row.latest.detail).into_owned(),
                ],
                Style::new(),
            );
        }
        out.push_str(&grid.render(crate::console::stdout_width()));
        if let Some((needed, used, rest)) = self.permissions() {
            let refused = self.refused();
            let _ = writeln!(
                out,
                "  permissions: {needed} needed, {used} granted and used, {} refused, {rest} not called yet",
                refused.len()
            );
            if !refused.is_empty() {
                let next = format!(
                    "  what to add: inventar coverage --missing --fix-policy --source {}",
                    clean(self.run.source.as_str())
                );
                let _ = writeln!(out, "{}", dim(&next, colour));
            }
        }
        out
    }
}

/// The actions that gaps of a scope name as refused.
fn refused_in<'a>(scope: &Scope, gaps: &'a [StampedGap]) -> impl Iterator<Item = &'a str> {
    let prefix = scope.prefix();
    let denied = gaps.iter().filter(|stamped| stamped.gap.reason == GapReason::AccessDenied);
    let named = denied.filter_map(move |stamped| stamped.gap.at.strip_prefix(&prefix));
    named.filter(|at| is_iam(at) || is_rbac(at))
}

/// `sagemaker:ListModels`
fn is_iam(action: &str) -> bool {
    action.split_once(':').is_some_and(|(service, name)| {
        let plain = |text: &str, more: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        plain(service, "-") && plain(name, "")
    })
}

/// `list apps/deployments`
fn is_rbac(action: &str) -> bool {
    action.split_once(' ').is_some_and(|(verb, what)| {
        matches!(verb, "get" | "list") && what.contains('/') && !what.contains(' ')
    })
}

/// What is to be added, to copy: an IAM policy or the rules of a cluster role.
fn fix_policy(looked: &[Looked], context: &Context) -> Result<(), Stop> {
    let refused: BTreeSet<&str> = looked.iter().flat_map(Looked::refused).collect();
    let iam: Vec<&str> = refused.iter().copied().filter(|action| is_iam(action)).collect();
    let rbac: Vec<&str> = refused.iter().copied().filter(|action| is_rbac(action)).collect();
    match (iam.is_empty(), rbac.is_empty()) {
        (true, true) => {
            context.console.note("No permission is missing.");
            Ok(())
        }
        (false, true) => print(&pretty(&policy::iam_policy(iam))),
        (true, false) => {
            context.console.note("Add these rules to the cluster role:");
            print(&policy::rules(rbac))
        }
        (false, false) => Err(Stop::usage("permissions of AWS and of a cluster are missing")
            .hint("name one with --source NAME")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inventar_model::CoverageGap;

    #[test]
    fn actions_of_gaps() {
        let gap = |at: &str, reason| StampedGap {
            gap: CoverageGap { at: at.into(), reason, detail: String::new(), retriable: false },
            plugin: None,
        };
        let gaps = [
            gap("aws/1//sagemaker:ListModels", GapReason::AccessDenied),
            gap("aws/1//models", GapReason::AccessDenied),
            gap("aws/1//bedrock:ListAgents", GapReason::TimedOut),
            gap("aws/12//bedrock:ListAgents", GapReason::AccessDenied),
        ];
        let scope = Scope { id: "aws/1".into(), kind: "account".into(), label: "1".into() };
        assert_eq!(refused_in(&scope, &gaps).collect::<Vec<_>>(), ["sagemaker:ListModels"]);
    }

    #[test]
    fn forms_of_actions() {
        for (action, iam, rbac) in [
            ("sagemaker:ListModels", true, false),
            ("bedrock-agent:ListAgents", true, false),
            ("list apps/deployments", false, true),
            ("get /version", false, true),
            ("https://a.example", false, false),
            ("delete core/pods", false, false),
            ("models", false, false),
        ] {
            assert_eq!((is_iam(action), is_rbac(action)), (iam, rbac), "{action}");
        }
    }
}
