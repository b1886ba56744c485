//! Does in each scope what a collector must not do; the scope's id says what. `good`, `pages` and `calls` behave.

use inventar_plugin_sdk::collector::{
    Collector, Context, Cursor, Problem, Request, Scope, Sink, Step, said_of, send_all,
};
use inventar_plugin_sdk::{Asset, AssetRef, Relation, log};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
pub struct Settings {
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    scopes: Vec<String>,
}

#[derive(Debug)]
pub struct Rogue;

fn model(name: &str) -> Asset {
    Asset::new(name, "model-version", name).seen(said_of(name, "rogue"))
}

impl Collector for Rogue {
    type Settings = Settings;

    fn probe(context: &Context<Settings>) -> Result<Vec<Scope>, Problem> {
        let scope = |id: &String| Scope::new(id.as_str(), "behaviour", id.as_str());
        Ok(context.settings.scopes.iter().map(scope).collect())
    }

    fn run(
        context: &Context<Settings>,
        scope: &Scope,
        at: Option<&Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem> {
        let list = || Request::get(format!("{}/models", context.settings.endpoint)).credential("login");
        match scope.id.as_str() {
            "good" => match list().send() {
                Ok(response) => {
                    sink.asset(
                        Asset::new("good", "model-version", "good")
                            .property("answer", String::from_utf8_lossy(&response.body).into_owned())
                            .seen(response.evidence("list")),
                    );
                    sink.relation(Relation::new(
                        AssetRef::here("good"),
                        "derived-from",
                        AssetRef::known_as("url", "s3://models/good"),
                    ));
                    Ok(Step::complete())
                }
                Err(failure) => sink.failed("registry:ListModels", &failure),
            },
            "pages" => {
                let page: u32 = at.map_or(Ok(0), Cursor::read)?;
                sink.asset(model(&format!("page-{page}")));
                sink.progress(page.into(), Some(5));
                if page < 4 { Step::more(&(page + 1)) } else { Ok(Step::complete()) }
            }
            "calls" => {
                for _ in 0..1_000 {
                    if let Err(failure) = list().send() {
                        return sink.failed("registry:ListModels", &failure);
                    }
                }
                Ok(Step::complete())
            }
            "spin" => loop {
                std::hint::black_box(&scope.id);
            },
            "trap" => {
                let none: Option<u32> = std::hint::black_box(None);
                Ok(Step::more(&none.ok_or(()).unwrap_or_else(|()| std::process::abort()))?)
            }
            "still" => Step::more(&0),
            "undeclared-kind" => {
                sink.asset(Asset::new("a", "endpoint", "a").seen(said_of("a", "rogue")));
                sink.asset(model("kept"));
                Ok(Step::complete())
            }
            "flood" => {
                for n in 0..20_000 {
                    sink.asset(model(&n.to_string()));
                }
                Ok(Step::complete())
            }
            "large-cursor" => Ok(Step::More(Cursor { version: 1, data: vec![7; (64 << 10) + 1] })),
            "storm" => {
                for _ in 0..100 {
                    for answer in send_all(vec![list(); 100]) {
                        if let Err(failure) = answer {
                            log::warn(&failure.to_string());
                        }
                    }
                }
                Ok(Step::complete())
            }
            "hoard" => {
                let mut held = vec![];
                loop {
                    held.push(vec![1_u8; 1 << 20]);
                    std::hint::black_box(&held);
                }
            }
            "problem" => Err(Problem::new("broken", "this scope cannot be read")),
            _ => Ok(Step::complete()),
        }
    }
}

inventar_plugin_sdk::collector!(Rogue);
