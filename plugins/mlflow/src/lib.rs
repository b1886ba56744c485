//! What an MLflow server knows: registered models to the last alias, the runs they came from, the data those saw.
//!
//! ```text
//! registry       model-family ◄─instance-of─ model-version ─derived-from─► training-run ─trained-on─► dataset-version
//! (one scope)         ▲ models:/name@alias ─resolves-to─┘ └─has-artifact─► s3://…
//! experiment N   runs, logged models, evaluation datasets, scorers
//! (a scope each)
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`api`] | requests and the JSON of their answers; knows nothing of Inventar's assets |
//! | [`registry`] | the scope of models, prompts and gateway endpoints |
//! | [`experiment`] | the scope of one experiment |
//! | [`location`] | `s3://bucket/key/`, `runs:/id/model`, `models:/m-1`: what the place of a model says |
//! | [`text`] | names and values from the server, made fit to be shown |
//!
//! Within the server `x-mlflow` is `model-name`, `model-name/3` or `model-name@alias`. What code spells `models:/…` and
//! `runs:/…` is the `name` of models, runs and logged models, so that others' edges lead here; object stores stand as
//! `url`.

pub mod api;
pub mod experiment;
pub mod location;
pub mod registry;
pub mod text;

use api::Server;
use inventar_plugin_sdk::collector::{Collector, Context, Cursor, Failure, Problem, Scope, Sink, Step};
use serde::Deserialize;

/// What an operator may set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The server's address, filled by the host.
    pub endpoint: String,
    /// Whether each run's artifacts are listed.
    pub run_artifacts: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { endpoint: String::new(), run_artifacts: true }
    }
}

/// The plugin.
#[derive(Debug)]
pub struct Mlflow;

/// The scope of everything that belongs to no experiment.
const REGISTRY: &str = "mlflow/registry";
/// What the ids of the experiments' scopes begin with.
const EXPERIMENT: &str = "mlflow/experiments/";

impl Collector for Mlflow {
    type Settings = Settings;

    fn probe(context: &Context<Settings>) -> Result<Vec<Scope>, Problem> {
        let server = Server::at(&context.settings.endpoint)?;
        let mut scopes = vec![Scope::new(REGISTRY, "registry", "model registry")];
        let mut token = None;
        loop {
            let page = server.experiments(token.as_deref()).map_err(|failure| unreadable(&failure))?;
            scopes.extend(page.experiments.into_iter().map(|experiment| {
                let id = format!("{EXPERIMENT}{}", experiment.experiment_id);
                Scope::new(id, "experiment", text::name(&experiment.name))
            }));
            match api::next(token.as_deref(), page.next_page_token)? {
                Some(next) => token = Some(next),
                None => return Ok(scopes),
            }
        }
    }

    fn run(
        context: &Context<Settings>,
        scope: &Scope,
        at: Option<&Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem> {
        let server = Server::at(&context.settings.endpoint)?;
        match scope.id.strip_prefix(EXPERIMENT) {
            Some(id) => experiment::run(&server, id, context.settings.run_artifacts, at, sink),
            None if scope.id == REGISTRY => registry::run(&server, at, sink),
            None => Err(Problem::new("scope", format!("`{}` is no scope of this plugin", scope.id))),
        }
    }
}

fn unreadable(failure: &api::Trouble) -> Problem {
    let code = match failure {
        api::Trouble::Refused(Failure::Status(response)) if matches!(response.status, 401 | 403) => {
            return Problem::new(
                "access-denied",
                format!(
                    "the MLflow server does not let this login list experiments (status {}); \
                     connect it with a user who may READ",
                    response.status
                ),
            );
        }
        api::Trouble::Refused(_) => "unreachable",
        api::Trouble::Odd(_) => "answer",
    };
    Problem::new(code, format!("cannot list the experiments: {failure}"))
}

inventar_plugin_sdk::collector!(Mlflow);
