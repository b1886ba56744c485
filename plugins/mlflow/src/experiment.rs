//! The scope of one experiment: its runs with what they read and wrote, its logged models, what judges them.

use crate::api::{self, Run, Server, Trouble};
use crate::location::{self, Location};
use crate::registry::{logged_model, run_known_as};
use crate::text;
use inventar_analysis::names::{self, Name};
use inventar_plugin_sdk::collector::{Cursor, Problem, Response, Sink, Step};
use inventar_plugin_sdk::{Asset, AssetRef, Relation, Version};
use serde::{Deserialize, Serialize};

/// Pages of one slice when each costs one call.
const PAGES: usize = 10;
/// Names of artifacts that a run shows.
const ARTIFACTS: usize = 50;

/// What is listed, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    Itself,
    Runs,
    LoggedModels,
    Datasets,
    Scorers,
}

impl Part {
    const fn next(self) -> Option<Self> {
        match self {
            Self::Itself => Some(Self::Runs),
            Self::Runs => Some(Self::LoggedModels),
            Self::LoggedModels => Some(Self::Datasets),
            Self::Datasets => Some(Self::Scorers),
            Self::Scorers => None,
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Itself => "mlflow:GetExperiment",
            Self::Runs => "mlflow:SearchRuns",
            Self::LoggedModels => "mlflow:SearchLoggedModels",
            Self::Datasets => "mlflow:SearchDatasets",
            Self::Scorers => "mlflow:ListScorers",
        }
    }

    /// Whether every server since 1.0 has it.
    const fn is_everywhere(self) -> bool {
        matches!(self, Self::Itself | Self::Runs)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    part: Part,
    token: Option<String>,
    is_partial: bool,
    /// Runs so far, for progress.
    done: u64,
}

/// One slice.
pub fn run(
    server: &Server,
    experiment: &str,
    with_artifacts: bool,
    at: Option<&Cursor>,
    sink: &mut Sink,
) -> Result<Step, Problem> {
    let start = At { part: Part::Itself, token: None, is_partial: false, done: 0 };
    let mut at: At = at.map_or(Ok(start), Cursor::read)?;
    let scope = Experiment { server, id: experiment, with_artifacts };
    for _ in 0..PAGES {
        let part = at.part;
        let next = match scope.page(&mut at, sink) {
            Ok(next) => api::next(at.token.as_deref(), next)?,
            Err(trouble) if !part.is_everywhere() && trouble.is_unknown_here() => None,
            Err(trouble) => {
                sink.gap(trouble.gap(part.action()));
                at.is_partial = true;
                None
            }
        };
        at.token = next;
        sink.progress(at.done, None);
        if at.token.is_none() {
            match part.next() {
                Some(part) => at.part = part,
                None if at.is_partial => return Ok(Step::partial()),
                None => return Ok(Step::complete()),
            }
        }
        if part == Part::Runs && with_artifacts {
            break;
        }
    }
    Step::more(&at)
}

/// The experiment that this slice looks at.
struct Experiment<'a> {
    server: &'a Server,
    id: &'a str,
    with_artifacts: bool,
}

impl Experiment<'_> {
    fn page(&self, at: &mut At, sink: &mut Sink) -> Result<Option<String>, Trouble> {
        let token = at.token.as_deref();
        Ok(match at.part {
            Part::Itself => {
                self.itself(sink)?;
                None
            }
            Part::Runs => {
                let read = self.server.runs(self.id, token)?;
                at.is_partial |= self.runs(&read.runs, &read.response, sink);
                at.done += read.runs.len() as u64;
                read.page.next_page_token
            }
            Part::LoggedModels => {
                let read = self.server.logged_models(self.id, token)?;
                for model in &read.models {
                    logged(model, &read.response, sink);
                }
                read.page.next_page_token
            }
            Part::Datasets => {
                let read = self.server.datasets(self.id, token)?;
                for found in &read.datasets {
                    let key = dataset(found, "evaluation-dataset", &read.response, sink);
                    self.edge("uses", key, &read.response, sink);
                }
                read.page.next_page_token
            }
            Part::Scorers => {
                let read = self.server.scorers(self.id)?;
                for scorer in &read.scorers {
                    let name = text::name(&scorer.scorer_name);
                    let version = scorer
                        .scorer_version
                        .as_ref()
                        .map(|version| Version::Exact(text::name(version.to_string().trim_matches('"'))));
                    let key = format!("scorer/{name}");
                    let mut asset =
                        Asset::new(&key, "evaluation", &name).seen(read.response.evidence("scorer"));
                    asset.version = version;
                    sink.asset(asset);
                    self.edge("evaluated-by", key, &read.response, sink);
                }
                None
            }
        })
    }

    fn key(&self) -> String {
        format!("experiment/{}", text::name(self.id))
    }

    fn edge(&self, kind: &str, to: String, response: &Response, sink: &mut Sink) {
        let edge = Relation::new(AssetRef::here(self.key()), kind, AssetRef::here(to));
        sink.relation(edge.seen(response.evidence("experiment")));
    }

    fn itself(&self, sink: &mut Sink) -> Result<(), Trouble> {
        let read = self.server.experiment(self.id)?;
        let experiment = &read.experiment;
        let traces = self.server.traces(self.id).ok().map(|read| !read.traces.is_empty());
        let tags = text::of_tags(experiment.tags.iter().filter(|tag| !tag.key.starts_with("mlflow.")));
        sink.asset(
            Asset::new(self.key(), "x-mlflow.experiment", text::name(&experiment.name))
                .property("experiment-id", text::name(self.id))
                .maybe("artifact-location", text::text(&experiment.artifact_location))
                .maybe("created", experiment.creation_time)
                .maybe("changed", experiment.last_update_time)
                .maybe("has-traces", traces)
                .maybe("tags", tags.kept)
                .maybe("tags-omitted", tags.dropped)
                .seen(read.response.evidence("experiment")),
        );
        Ok(())
    }

    /// Whether some artifacts could not be listed.
    fn runs(&self, runs: &[Run], response: &Response, sink: &mut Sink) -> bool {
        let ids: Vec<&str> = runs.iter().map(|run| run.info.run_id.as_str()).collect();
        let mut artifacts = if self.with_artifacts { self.server.artifacts(&ids) } else { vec![] };
        // One gap for a page: an artifact store that the server cannot read says the same of every run.
        let refused = artifacts.iter().find_map(|answer| answer.as_ref().err());
        let is_partial = refused.is_some();
        if let Some(trouble) = refused {
            sink.gap(trouble.gap("mlflow:ListArtifacts"));
        }
        artifacts.resize_with(runs.len(), || Ok(api::Artifacts::default()));
        for (run, artifacts) in runs.iter().zip(artifacts) {
            let names = artifacts.map(|artifacts| names(&artifacts)).unwrap_or_default();
            let key = self.run(run, names, response, sink);
            for input in &run.inputs.dataset_inputs {
                let context = input.tags.iter().find(|tag| tag.key == "mlflow.data.context");
                let context = context.and_then(|tag| text::text(&tag.value));
                let is_training = context.as_deref().is_none_or(|context| context.starts_with("train"));
                let data = dataset(&input.dataset, "run-input", response, sink);
                let kind = if is_training { "trained-on" } else { "uses" };
                let mut edge = Relation::new(AssetRef::here(&key), kind, AssetRef::here(data))
                    .seen(response.evidence("run-input"));
                if let Some(context) = context {
                    edge = edge.property("context", context);
                }
                sink.relation(edge);
            }
        }
        is_partial
    }

    fn run(&self, run: &Run, artifacts: Vec<String>, response: &Response, sink: &mut Sink) -> String {
        const RULE: &str = "run";
        let info = &run.info;
        let id = text::name(&info.run_id);
        let key = format!("run/{id}");
        let tag = |name: &str| {
            run.data.tags.iter().find(|tag| tag.key == name).and_then(|tag| text::text(&tag.value))
        };
        let params = text::of_tags(run.data.params.iter());
        let metrics = text::of_metrics(run.data.metrics.iter());
        let tags = text::of_tags(run.data.tags.iter().filter(|tag| !tag.key.starts_with("mlflow.")));
        let name = if info.run_name.is_empty() { &info.run_id } else { &info.run_name };
        let mut asset = Asset::new(&key, "training-run", text::name(name))
            .identifier("x-mlflow-run", &id)
            .identifier(names::SCHEME, Name::mlflow_run(&id).to_string())
            .maybe("status", text::text(&info.status))
            .maybe("started", info.start_time)
            .maybe("ended", info.end_time)
            .maybe("user", text::text(&info.user_id))
            .maybe("artifact-uri", text::text(&info.artifact_uri))
            .maybe("source", tag("mlflow.source.name"))
            .maybe("git-commit", tag("mlflow.source.git.commit"))
            .maybe("git-repository", tag("mlflow.source.git.repoURL"))
            .maybe("parent-run", tag("mlflow.parentRunId"))
            .maybe("parameters", params.kept)
            .maybe("parameters-omitted", params.dropped)
            .maybe("metrics", metrics.kept)
            .maybe("metrics-omitted", metrics.dropped)
            .maybe("tags", tags.kept)
            .maybe("tags-omitted", tags.dropped)
            .seen(response.evidence(RULE));
        if !artifacts.is_empty() {
            asset = asset.property("artifacts", artifacts);
        }
        sink.asset(asset);
        let edge = Relation::new(AssetRef::here(&key), "stored-in", AssetRef::here(self.key()));
        sink.relation(edge.seen(response.evidence(RULE)));
        key
    }
}

fn names(artifacts: &api::Artifacts) -> Vec<String> {
    let shown = |file: &api::Artifact| {
        let slash = if file.is_dir { "/" } else { "" };
        format!("{}{slash}", text::name(&file.path))
    };
    artifacts.files.iter().take(ARTIFACTS).map(shown).collect()
}

/// A dataset and this state of it; the key of the state, or of the dataset where there is no digest.
fn dataset(found: &api::Dataset, rule: &str, response: &Response, sink: &mut Sink) -> String {
    let name = text::name(&found.name);
    let key = format!("dataset/{name}");
    let place = location::of_dataset(&found.source);
    let mut asset = Asset::new(&key, "dataset", &name)
        .identifier("x-mlflow-dataset", &name)
        .maybe("source-type", text::text(&found.source_type))
        .seen(response.evidence(rule));
    if found.digest.is_empty() {
        if let Location::Url(url) = place {
            asset = asset.identifier("url", url);
        }
        sink.asset(asset);
        return key;
    }
    sink.asset(asset);
    let digest = text::name(&found.digest);
    let version_key = format!("dataset/{name}@{digest}");
    let mut version = Asset::new(&version_key, "dataset-version", &name)
        .version(Version::Exact(digest.clone()))
        .identifier("x-mlflow-dataset", format!("{name}@{digest}"))
        .maybe("profile", text::text(&found.profile))
        .seen(response.evidence(rule));
    if let Location::Url(url) = &place {
        version = version.property("source", url);
    }
    sink.asset(version);
    let here = || AssetRef::here(&version_key);
    sink.relation(Relation::new(here(), "instance-of", AssetRef::here(&key)).seen(response.evidence(rule)));
    match place {
        Location::Url(url) => sink.relation(
            Relation::new(here(), "stored-in", AssetRef::known_as("url", url)).seen(response.evidence(rule)),
        ),
        Location::Run(id) => sink
            .relation(Relation::new(here(), "derived-from", run_known_as(&id)).seen(response.evidence(rule))),
        Location::Logged(id) => sink
            .relation(Relation::new(here(), "derived-from", logged_model(&id)).seen(response.evidence(rule))),
        Location::Registered(_) | Location::Inside => {}
    }
    version_key
}

/// A model that a run logged, registered or not.
fn logged(model: &api::LoggedModel, response: &Response, sink: &mut Sink) {
    const RULE: &str = "logged-model";
    let info = &model.info;
    let id = text::name(&info.model_id);
    let key = format!("logged-model/{id}");
    let params = text::of_tags(model.data.params.iter());
    let metrics = text::of_metrics(model.data.metrics.iter());
    let mut asset = Asset::new(&key, "model-artifact", text::name(&info.name))
        .identifier("x-mlflow-logged-model", &id)
        .identifier(names::SCHEME, Name::mlflow_logged_model(&id).to_string())
        .maybe("model-type", text::text(&info.model_type))
        .maybe("status", text::text(&info.status))
        .maybe("artifact-uri", text::text(&info.artifact_uri))
        .maybe("created", info.creation_timestamp_ms)
        .maybe("parameters", params.kept)
        .maybe("parameters-omitted", params.dropped)
        .maybe("metrics", metrics.kept)
        .maybe("metrics-omitted", metrics.dropped)
        .seen(response.evidence(RULE));
    if let Location::Url(url) = location::read(&info.artifact_uri) {
        asset = asset.identifier("url", url);
    }
    sink.asset(asset);
    if !info.source_run_id.is_empty() {
        let run = run_known_as(&info.source_run_id);
        sink.relation(Relation::new(AssetRef::here(key), "derived-from", run).seen(response.evidence(RULE)));
    }
}
