//! A collector that behaves: a page of a shelf is a slice, and what is refused is a gap.

use inventar_plugin_sdk::collector::{
    Collector, Context, Cursor, Problem, Request, Response, Scope, Sink, Step,
};
use inventar_plugin_sdk::{Asset, AssetRef, Relation};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
pub struct Settings {
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    shelves: Vec<String>,
}

#[derive(Deserialize)]
struct Shelves {
    shelves: Vec<String>,
}

#[derive(Deserialize)]
struct Page {
    models: Vec<String>,
    next: Option<u32>,
}

#[derive(Deserialize)]
struct Owner {
    owner: String,
}

#[derive(Debug)]
pub struct Library;

impl Collector for Library {
    type Settings = Settings;

    fn probe(context: &Context<Settings>) -> Result<Vec<Scope>, Problem> {
        let answer = ask(context, "shelves").send().and_then(Response::ok);
        let answer = answer.map_err(|failure| Problem::new("shelves", failure.to_string()))?;
        let Shelves { mut shelves } = answer.json()?;
        if !context.settings.shelves.is_empty() {
            shelves.retain(|shelf| context.settings.shelves.contains(shelf));
        }
        Ok(shelves
            .iter()
            .map(|shelf| Scope::new(format!("library/{shelf}"), "shelf", shelf.as_str()))
            .collect())
    }

    fn run(
        context: &Context<Settings>,
        scope: &Scope,
        at: Option<&Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem> {
        let shelf = &scope.label;
        let (page, mut whole): (u32, bool) = at.map_or(Ok((0, true)), Cursor::read)?;
        if at.is_none() {
            whole = owner(context, shelf, sink)?;
        }
        let request = ask(context, &format!("shelves/{shelf}/models?page={page}"));
        let answer = match request.send().and_then(Response::ok) {
            Ok(answer) => answer,
            Err(failure) => return sink.failed("library:ListModels", &failure),
        };
        let Page { models, next } = answer.json()?;
        for name in &models {
            let seen = answer.evidence("listed");
            sink.asset(Asset::new(format!("model/{name}"), "model-version", name.as_str()).seen(seen));
            if whole {
                let edge = Relation::new(
                    AssetRef::here(format!("model/{name}")),
                    "runs-as",
                    AssetRef::here("owner"),
                );
                sink.relation(edge.seen(answer.evidence("owned")));
            }
        }
        match next {
            Some(next) => Step::more(&(next, whole)),
            None if whole => Ok(Step::complete()),
            None => Ok(Step::partial()),
        }
    }
}

fn ask(context: &Context<Settings>, path: &str) -> Request {
    Request::get(format!("{}/{path}", context.settings.endpoint)).credential("login")
}

/// The shelf's owner; false: that was refused.
fn owner(context: &Context<Settings>, shelf: &str, sink: &mut Sink) -> Result<bool, Problem> {
    match ask(context, &format!("shelves/{shelf}/owner")).send().and_then(Response::ok) {
        Ok(answer) => {
            let Owner { owner } = answer.json()?;
            // As careless as a plugin can be: what the service said goes into the inventory as it is.
            let answered = String::from_utf8_lossy(&answer.body).into_owned();
            let asset = Asset::new("owner", "identity", owner).property("answer", answered);
            sink.asset(asset.seen(answer.evidence("owner")));
            Ok(true)
        }
        Err(failure) => {
            sink.gap(failure.gap("library:GetOwner"));
            Ok(false)
        }
    }
}

inventar_plugin_sdk::collector!(Library);
