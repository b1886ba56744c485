//! `inventar plugin policy`: what to grant, to copy.

use super::super::Context;
use super::super::get::{pretty, print};
use crate::cli;
use crate::exit::Stop;
use crate::plugins;
use crate::policy::{self, Authority, PolicyFormat};
use inventar_runtime::{Manifest, World};

/// Runs the command.
pub(super) fn run(args: &cli::PluginPolicy, context: &Context) -> Result<(), Stop> {
    let plugin = plugins::find(&args.plugin, &context.config)?;
    let manifest = plugin.manifest();
    if manifest.world != World::Collector {
        return Err(Stop::usage(format!(
            "`{}` looks at files and calls nothing: it needs no policy",
            manifest.id
        )));
    }
    if args.part.is_some() && !matches!(args.format, None | Some(PolicyFormat::Iam)) {
        return Err(Stop::usage("only an IAM policy comes in parts"));
    }
    match args.format.unwrap_or_else(|| policy::usual_format(manifest)) {
        PolicyFormat::Iam => print(&iam(manifest, args.part, context)?),
        PolicyFormat::Rbac => print(&rbac(manifest, &args.service_account)?),
        PolicyFormat::Json => print(&pretty(&policy::operations(manifest))),
    }
}

fn iam(manifest: &Manifest, part: Option<usize>, context: &Context) -> Result<String, Stop> {
    let actions = policy::actions(manifest, Authority::Aws);
    if actions.is_empty() {
        return Err(none_of(manifest, "IAM action"));
    }
    let (_, managed) = policy::IAM_LIMITS[1];
    let parts = policy::iam_parts(actions.iter().copied(), managed);
    if let Some(n) = part {
        return match n.checked_sub(1).and_then(|at| parts.get(at)) {
            Some(part) => Ok(pretty(part)),
            None => Err(Stop::usage(format!("there is no part {n}"))
                .hint(format!("the policy has {} parts: --part 1", parts.len()))),
        };
    }
    let whole = policy::iam_policy(actions.iter().copied());
    let size = policy::iam_size(&whole);
    let fits = policy::IAM_LIMITS.iter().find(|(_, limit)| size <= *limit);
    let fits = fits.map_or("none in one piece".to_owned(), |(what, limit)| format!("{what} (up to {limit})"));
    context.console.note(&format!("{} actions, {size} characters: fits {fits}", actions.len()));
    if parts.len() > 1 {
        context.console.note(&format!(
            "as managed policies take it in {0} parts: --part 1 to --part {0}, all attached to one role",
            parts.len()
        ));
    }
    Ok(pretty(&whole))
}

fn rbac(manifest: &Manifest, account: &policy::ServiceAccount) -> Result<String, Stop> {
    let actions = policy::actions(manifest, Authority::Kubernetes);
    if actions.is_empty() {
        return Err(none_of(manifest, "Kubernetes resource"));
    }
    let about = format!("What {} {} reads, and nothing else.", manifest.id, manifest.version);
    Ok(policy::cluster_role(actions, account, &about))
}

fn none_of(manifest: &Manifest, what: &str) -> Stop {
    Stop::usage(format!("`{}` needs no {what}", manifest.id)).hint("--format json shows what it calls")
}
