//! MLflow's REST interface, as far as it is read: requests, and the JSON of their answers.
//!
//! Every field is optional in some version of the server, so all have a default.

use inventar_plugin_sdk::collector::{Failure, Gap, Problem, Reason, Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt;

/// Models, versions, experiments and logged models of one page.
const PAGE: u32 = 200;
/// Runs of one page: each may cost another call.
const RUNS: u32 = 40;

/// What marks a prompt among the registered models, which searches leave out unless they ask for it.
const PROMPTS: &str = "tags.`mlflow.prompt.is_prompt` = 'true'";

/// A server at an address.
#[derive(Debug, Clone)]
pub struct Server {
    base: String,
}

/// Why there is no answer to read.
#[derive(Debug)]
pub enum Trouble {
    /// No answer, or one that is no success.
    Refused(Failure),
    /// An answer that is not as expected.
    Odd(String),
}

impl Trouble {
    /// The gap for it: `at` is what the caller must be allowed.
    pub fn gap(&self, at: &str) -> Gap {
        match self {
            Self::Refused(failure) => failure.gap(at),
            Self::Odd(why) => {
                Gap { at: at.to_owned(), reason: Reason::Unparsable, detail: why.clone(), retriable: false }
            }
        }
    }

    /// Whether the server does not know the question: it is older, or keeps its data in files.
    pub fn is_unknown_here(&self) -> bool {
        matches!(self, Self::Refused(failure) if matches!(failure.status(), Some(400 | 404 | 405 | 501)))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(failure) => failure.fmt(f),
            Self::Odd(why) => f.write_str(why),
        }
    }
}

/// What was read, with the answer that it stands in.
#[derive(Debug)]
pub struct Read<T> {
    /// The content.
    pub page: T,
    /// For evidence.
    pub response: Response,
}

impl<T> std::ops::Deref for Read<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.page
    }
}

type Answer<T> = Result<Read<T>, Trouble>;

impl Server {
    /// The server that was connected.
    pub fn at(endpoint: &str) -> Result<Self, Problem> {
        let base = endpoint.trim().trim_end_matches('/');
        if base.is_empty() {
            return Err(Problem::new("no-endpoint", "connect the server's address: --endpoint https://…"));
        }
        Ok(Self { base: base.to_owned() })
    }

    /// Experiments that are not deleted.
    pub fn experiments(&self, token: Option<&str>) -> Result<Experiments, Trouble> {
        self.get("2.0/mlflow/experiments/search", &[("max_results", Some("1000")), ("page_token", token)])
            .map(|read: Read<Experiments>| read.page)
    }

    /// One experiment.
    pub fn experiment(&self, id: &str) -> Answer<OneExperiment> {
        self.get("2.0/mlflow/experiments/get", &[("experiment_id", Some(id))])
    }

    /// Registered models in the order of their names; or prompts.
    pub fn models(&self, prompts: bool, token: Option<&str>) -> Answer<Models> {
        let filter = prompts.then_some(PROMPTS);
        let max = PAGE.to_string();
        let query = [
            ("max_results", Some(max.as_str())),
            ("order_by", Some("name ASC")),
            ("filter", filter),
            ("page_token", token),
        ];
        self.get("2.0/mlflow/registered-models/search", &query)
    }

    /// Versions of registered models; or of prompts.
    pub fn versions(&self, prompts: bool, token: Option<&str>) -> Answer<Versions> {
        let filter = prompts.then_some(PROMPTS);
        let max = PAGE.to_string();
        let query = [
            ("max_results", Some(max.as_str())),
            ("order_by", Some("name ASC")),
            ("order_by", Some("version_number ASC")),
            ("filter", filter),
            ("page_token", token),
        ];
        self.get("2.0/mlflow/model-versions/search", &query)
    }

    /// Runs of an experiment that are not deleted, oldest first, so that new ones do not move the pages.
    pub fn runs(&self, experiment: &str, token: Option<&str>) -> Answer<Runs> {
        let mut body = json!({
            "experiment_ids": [experiment],
            "run_view_type": "ACTIVE_ONLY",
            "max_results": RUNS,
            "order_by": ["attributes.start_time ASC"],
        });
        add_token(&mut body, token);
        self.post("2.0/mlflow/runs/search", &body)
    }

    /// The top folder of each run's artifacts; answers in the order of `runs`.
    pub fn artifacts(&self, runs: &[&str]) -> Vec<Result<Artifacts, Trouble>> {
        let request = |run: &&str| {
            Self::ask(Request::get(self.url("2.0/mlflow/artifacts/list", &[("run_id", Some(run))])))
        };
        inventar_plugin_sdk::collector::send_all(runs.iter().map(request).collect())
            .into_iter()
            .map(|answer| read(answer).map(|read| read.page))
            .collect()
    }

    /// Models that runs logged, registered or not.
    pub fn logged_models(&self, experiment: &str, token: Option<&str>) -> Answer<LoggedModels> {
        let mut body = json!({
            "experiment_ids": [experiment],
            "max_results": 50,
            "order_by": [{ "field_name": "creation_timestamp", "ascending": true }],
        });
        add_token(&mut body, token);
        self.post("2.0/mlflow/logged-models/search", &body)
    }

    /// The newest trace, to say whether there are any.
    pub fn traces(&self, experiment: &str) -> Answer<Traces> {
        let location =
            json!({ "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": { "experiment_id": experiment } });
        self.post("3.0/mlflow/traces/search", &json!({ "locations": [location], "max_results": 1 }))
    }

    /// Datasets kept for evaluations.
    pub fn datasets(&self, experiment: &str, token: Option<&str>) -> Answer<Datasets> {
        let mut body = json!({ "experiment_ids": [experiment], "max_results": 50 });
        add_token(&mut body, token);
        self.post("3.0/mlflow/datasets/search", &body)
    }

    /// Scorers: what judges answers.
    pub fn scorers(&self, experiment: &str) -> Answer<Scorers> {
        self.get("3.0/mlflow/scorers/list", &[("experiment_id", Some(experiment))])
    }

    /// Endpoints of the gateway, with the models behind them.
    pub fn gateway(&self) -> Answer<Gateway> {
        self.get("3.0/mlflow/gateway/endpoints/list", &[])
    }

    fn url(&self, path: &str, query: &[(&str, Option<&str>)]) -> String {
        let mut url = format!("{}/api/{path}", self.base);
        let given = query.iter().filter_map(|(name, value)| Some((name, (*value)?)));
        for (n, (name, value)) in given.enumerate() {
            let joint = if n == 0 { '?' } else { '&' };
            url.push_str(&format!("{joint}{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        }
        url
    }

    fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, Option<&str>)]) -> Answer<T> {
        read(Self::ask(Request::get(self.url(path, query))).send())
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Answer<T> {
        let request = Request::post(self.url(path, &[]), "application/json", body.to_string().into_bytes());
        read(Self::ask(request).send())
    }

    fn ask(request: Request) -> Request {
        request.credential("login")
    }
}

fn read<T: DeserializeOwned>(answer: Result<Response, Failure>) -> Answer<T> {
    let response = answer.and_then(Response::ok).map_err(Trouble::Refused)?;
    let page = response.json().map_err(|problem| Trouble::Odd(problem.message))?;
    Ok(Read { page, response })
}

fn add_token(body: &mut Value, token: Option<&str>) {
    if let (Some(object), Some(token)) = (body.as_object_mut(), token) {
        object.insert("page_token".into(), token.into());
    }
}

/// The next page's token. A server that hands out the same one again would keep us for ever.
pub fn next(last: Option<&str>, next: Option<String>) -> Result<Option<String>, Problem> {
    match next.filter(|token| !token.is_empty()) {
        Some(token) if last == Some(token.as_str()) => {
            Err(Problem::new("answer", "the server repeats a page token"))
        }
        token => Ok(token),
    }
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident { $($(#[$at:meta])* $field:ident: $type:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(default)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$at])* pub $field: $type,)* })*
    };
}

answers! {
    /// A page of experiments.
    Experiments { experiments: Vec<Experiment>, next_page_token: Option<String>, }
    /// One.
    OneExperiment { experiment: Experiment, }
    /// An experiment.
    Experiment {
        experiment_id: String,
        name: String,
        artifact_location: String,
        creation_time: Option<i64>,
        last_update_time: Option<i64>,
        tags: Vec<Tag>,
    }
    /// A key and a value.
    Tag { key: String, value: String, }
    /// A page of registered models.
    Models { registered_models: Vec<Model>, next_page_token: Option<String>, }
    /// A registered model.
    Model {
        name: String,
        description: String,
        creation_timestamp: Option<i64>,
        last_updated_timestamp: Option<i64>,
        tags: Vec<Tag>,
        aliases: Vec<Alias>,
    }
    /// A name that moves from version to version.
    Alias { alias: String, version: String, }
    /// A page of versions.
    Versions { model_versions: Vec<Version>, next_page_token: Option<String>, }
    /// A version of a registered model.
    Version {
        name: String,
        version: String,
        description: String,
        creation_timestamp: Option<i64>,
        current_stage: String,
        status: String,
        source: String,
        run_id: String,
        model_id: Option<String>,
        tags: Vec<Tag>,
    }
    /// A page of runs.
    Runs { runs: Vec<Run>, next_page_token: Option<String>, }
    /// A run.
    Run { info: RunInfo, data: RunData, inputs: RunInputs, }
    /// What the server says of it.
    RunInfo {
        run_id: String,
        run_name: String,
        user_id: String,
        status: String,
        start_time: Option<i64>,
        end_time: Option<i64>,
        artifact_uri: String,
    }
    /// What it wrote down.
    RunData { metrics: Vec<Metric>, params: Vec<Tag>, tags: Vec<Tag>, }
    /// A number; its value may be missing where it is none.
    Metric { key: String, value: Value, }
    /// What it read.
    RunInputs { dataset_inputs: Vec<DatasetInput>, }
    /// A dataset and how it was used.
    DatasetInput { tags: Vec<Tag>, dataset: Dataset, }
    /// A dataset; `source`, `schema` and `profile` are JSON as text.
    Dataset {
        dataset_id: String,
        name: String,
        digest: String,
        source_type: String,
        source: String,
        profile: String,
    }
    /// The files of one folder.
    Artifacts { files: Vec<Artifact>, next_page_token: Option<String>, }
    /// A file or a folder.
    Artifact { path: String, is_dir: bool, file_size: Option<Value>, }
    /// A page of logged models.
    LoggedModels { models: Vec<LoggedModel>, next_page_token: Option<String>, }
    /// A model that a run logged.
    LoggedModel { info: LoggedInfo, data: LoggedData, }
    /// What the server says of it.
    LoggedInfo {
        model_id: String,
        name: String,
        model_type: String,
        status: String,
        artifact_uri: String,
        source_run_id: String,
        creation_timestamp_ms: Option<i64>,
    }
    /// What was written down with it.
    LoggedData { params: Vec<Tag>, metrics: Vec<Metric>, }
    /// Traces.
    Traces { traces: Vec<Value>, }
    /// A page of evaluation datasets.
    Datasets { datasets: Vec<Dataset>, next_page_token: Option<String>, }
    /// Scorers.
    Scorers { scorers: Vec<Scorer>, }
    /// A scorer.
    Scorer { scorer_name: String, scorer_version: Option<Value>, }
    /// Endpoints of the gateway.
    Gateway { endpoints: Vec<GatewayEndpoint>, }
    /// One of them.
    GatewayEndpoint { endpoint_id: String, name: String, model_mappings: Vec<Mapping>, }
    /// A model behind it.
    Mapping { linkage_type: String, weight: Option<f64>, model_definition: Definition, }
    /// A hosted model and the secret it is called with, by name.
    Definition { name: String, provider: String, model_name: String, secret_name: Option<String>, }
}
