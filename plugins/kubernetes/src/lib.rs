//! Kubernetes: workloads that serve, train or call models, with their images, identities, exposure and traffic.
//!
//! ```text
//! probe ──► scopes: one a resource, pods, nodes, exposure, identities
//! run   ──► api: pages ──► pod: specifications ──► signs: is it AI? ──► report: assets and edges
//!                     └──► custom: what operators' resources say
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`resource`] | the table of resources: what the manifest asks for and what each object becomes |
//! | [`scope`] | what can be complete or refused by itself |
//! | [`slice`] | lists, page by page, gone on with by the cursor alone |
//! | [`api`] | discovery and pages |
//! | [`object`], [`pod`] | who an object is and to whom it belongs; pod specifications wherever they stand |
//! | [`signs`], [`server`], [`command`], [`location`] | images, commands, variables, accelerators, labels, ports that speak of AI |
//! | [`workload`], [`custom`], [`running`], [`node`] | what objects become |
//! | [`exposure`], [`directory`] | services, ingresses, routes, and how they split traffic |
//! | [`identities`] | service accounts and their rights |
//! | [`report`] | assets and edges, each once a slice |
//!
//! Secrets and configuration maps are never read: secrets are known by the names that pod specifications give them. Of
//! variables only models and addresses are reported.

pub mod adoption;
pub mod api;
pub mod command;
pub mod custom;
pub mod directory;
pub mod exposure;
pub mod identities;
pub mod location;
pub mod node;
pub mod object;
pub mod pod;
pub mod report;
pub mod resource;
pub mod running;
pub mod scope;
pub mod server;
pub mod signs;
pub mod slice;
pub mod workload;

use api::Api;
use inventar_plugin_sdk::collector::{Collector, Context, Cursor, Problem, Scope, Sink, Step};
use scope::{Place, Subject};
use serde::Deserialize;

/// The plugin.
#[derive(Debug)]
pub struct Kubernetes;

/// What an operator may set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The API server: the address that the operator connected.
    pub endpoint: String,
    /// Only these; none: the whole cluster.
    pub namespaces: Vec<String>,
}

impl Collector for Kubernetes {
    type Settings = Settings;

    fn probe(context: &Context<Settings>) -> Result<Vec<Scope>, Problem> {
        let api = Api::at(&context.settings.endpoint)?;
        scope::plan(&api, &context.settings.namespaces)
    }

    fn run(
        context: &Context<Settings>,
        scope: &Scope,
        at: Option<&Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem> {
        let api = Api::at(&context.settings.endpoint)?;
        let place = Place::of(scope)?;
        let namespace = place.namespace.as_deref();
        match place.subject {
            Subject::Resource(resource) => slice::objects(&api, resource, namespace, at, sink),
            Subject::Pods => slice::pods(&api, namespace, at, sink),
            Subject::Nodes => slice::nodes(&api, at, sink),
            Subject::Exposure => exposure::slice(&api, namespace, at, sink),
            Subject::Identities => identities::slice(&api, namespace, at, sink),
        }
    }
}

inventar_plugin_sdk::collector!(Kubernetes);
