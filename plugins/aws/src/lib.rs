//! The AI of an AWS account: what trains, serves and calls models, in every region, and what joins it to the rest.
//!
//! A scope is one service in one region. Each service is a table of [listings](listing::Listing): which call lists, where
//! the answer holds the entries, and what to make of them. A slice is some forty calls; where it stopped is all that the
//! next one knows.
//!
//! | part | knows |
//! |---|---|
//! | `account` | who we are, which regions are enabled, which scopes there are |
//! | `call`, `xml` | the four protocols of AWS and the spellings of its refusals |
//! | `listing` | pages, chunks, slices |
//! | `thing`, `arn` | from an object to an asset with its edges; keys are ARNs |
//! | `signal` | what says that a function, a container or a database is used for AI |
//! | `sagemaker`, `bedrock`, `language` | AI services |
//! | `functions`, `clusters`, `hosts`, `registry` | what calls or serves models: Lambda, ECS, EKS, EC2, ECR |
//! | `iam`, `rights`, `s3`, `search` | who may, where data lies, what is searched by vectors |
//!
//! What it may call stands in `plugin.toml`, operation by operation; that is also the policy that an operator grants.

use inventar_plugin_sdk::collector::{Collector, Context, Cursor, Problem, Scope, Sink, Step};

mod account;
mod arn;
mod bedrock;
mod call;
mod clusters;
mod functions;
mod hosts;
mod iam;
mod language;
mod listing;
mod moment;
mod registry;
mod rights;
mod s3;
mod sagemaker;
mod search;
mod settings;
mod signal;
mod thing;
mod xml;

pub use settings::Settings;

/// A service: its name in scopes, whether it has regions, its listings.
struct Service {
    name: &'static str,
    is_global: bool,
    listings: &'static [listing::Listing],
}

const fn regional(name: &'static str, listings: &'static [listing::Listing]) -> Service {
    Service { name, is_global: false, listings }
}

const fn global(name: &'static str, listings: &'static [listing::Listing]) -> Service {
    Service { name, is_global: true, listings }
}

const SERVICES: &[Service] = &[
    global("iam", iam::LISTINGS),
    global("s3", s3::LISTINGS),
    regional("sagemaker", sagemaker::LISTINGS),
    regional("bedrock", bedrock::LISTINGS),
    regional("agentcore", bedrock::AGENT_CORE_LISTINGS),
    regional("lambda", functions::LISTINGS),
    regional("ecs", clusters::ECS_LISTINGS),
    regional("eks", clusters::EKS_LISTINGS),
    regional("ecr", registry::LISTINGS),
    regional("ec2", hosts::LISTINGS),
    regional("opensearch", search::DOMAIN_LISTINGS),
    regional("opensearch-serverless", search::COLLECTION_LISTINGS),
    regional("comprehend", language::COMPREHEND_LISTINGS),
    regional("kendra", language::KENDRA_LISTINGS),
    regional("qbusiness", language::QBUSINESS_LISTINGS),
    regional("rekognition", language::REKOGNITION_LISTINGS),
];

/// The collector.
#[derive(Debug)]
pub struct Aws;

impl Collector for Aws {
    type Settings = Settings;

    fn probe(context: &Context<Settings>) -> Result<Vec<Scope>, Problem> {
        let names = |is_global: bool| -> Vec<&str> {
            SERVICES
                .iter()
                .filter(|service| service.is_global == is_global)
                .map(|service| service.name)
                .collect()
        };
        account::scopes(&context.settings, &names(true), &names(false))
    }

    fn run(
        _: &Context<Settings>,
        scope: &Scope,
        at: Option<&Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem> {
        let (home, name) = account::home(scope)?;
        match SERVICES.iter().find(|service| service.name == name) {
            Some(service) => listing::run(home, service.listings, at, sink),
            None => Err(Problem::new("scope", format!("`{name}` is no service that this plugin knows"))),
        }
    }
}

inventar_plugin_sdk::collector!(Aws);
