//! Amazon ECS and EKS: services that run model servers or call models, clusters with accelerators, and what is in front.

use crate::arn::Arn;
use crate::call::{Api, Form, segment};
use crate::functions::speaks;
use crate::listing::{Call, Listing, Slice, Verb, entries};
use crate::signal::{self, Environment};
use crate::thing::{Thing, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ECS: Api = Api {
    actions: "ecs",
    host: "ecs.{region}.amazonaws.com",
    form: Form::Json { target: "AmazonEC2ContainerServiceV20141113", version: "1.1" },
};
const EKS: Api = Api { actions: "eks", host: "eks.{region}.amazonaws.com", form: Form::Rest };
const BALANCING: Api = Api {
    actions: "elasticloadbalancing",
    host: "elasticloadbalancing.{region}.amazonaws.com",
    form: Form::Query { version: "2015-12-01" },
};

/// Services of a cluster that are looked at together.
const SERVICES: usize = 20;
/// Services that one call describes.
const SERVICES_A_CALL: usize = 10;

pub(crate) const ECS_LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &ECS,
        operation: "ListClusters",
        path: None,
        parameters: &[("maxResults", "100")],
        token: Some(("nextToken", "/nextToken")),
    },
    items: "/clusterArns",
    chunk: 1,
    visit: ecs_cluster,
}];

pub(crate) const EKS_LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &EKS,
        operation: "ListClusters",
        path: Some((Verb::Get, "/clusters")),
        parameters: &[("maxResults", "100")],
        token: Some(("nextToken", "/nextToken")),
    },
    items: "/clusters",
    chunk: 4,
    visit: eks_clusters,
}];

/// Services of a cluster, some at a time. The place is an offset and the token of the page that it counts in.
fn ecs_cluster(slice: &mut Slice<'_>, items: &[Value], place: Option<String>) -> Option<String> {
    let cluster = items.first()?.as_str()?;
    let (offset, token) = match place.as_deref().and_then(|place| place.split_once(':')) {
        Some((offset, token)) => (offset.parse::<usize>().unwrap_or_default(), token.to_owned()),
        None => (0, String::new()),
    };
    let mut body = json!({ "cluster": cluster, "maxResults": 100 });
    if !token.is_empty() {
        body["nextToken"] = json!(token);
    }
    let ask = ECS.json(&slice.home, "ListServices", &body);
    let answer = slice.ask(ask)?;
    let arns: Vec<&str> = entries(&answer, "/serviceArns").filter_map(Value::as_str).collect();
    let until = arns.len().min(offset + SERVICES);
    ecs_services(slice, cluster, arns.get(offset..until).unwrap_or_default());
    if until < arns.len() {
        return Some(format!("{until}:{token}"));
    }
    text(&answer, "/nextToken").map(|next| format!("0:{next}"))
}

fn ecs_services(slice: &mut Slice<'_>, cluster: &str, arns: &[&str]) {
    let asks = arns
        .chunks(SERVICES_A_CALL)
        .map(|arns| {
            let body = json!({ "cluster": cluster, "services": arns, "include": ["TAGS"] });
            ECS.json(&slice.home, "DescribeServices", &body)
        })
        .collect();
    let services: Vec<Value> = slice
        .ask_all(asks)
        .into_iter()
        .flatten()
        .flat_map(|answer| entries(&answer, "/services").cloned().collect::<Vec<_>>())
        .collect();
    let mut definitions: BTreeMap<String, Option<Value>> = BTreeMap::new();
    for service in &services {
        definitions.extend(text(service, "/taskDefinition").map(|arn| (arn.to_owned(), None)));
    }
    let asks = definitions
        .keys()
        .map(|arn| ECS.json(&slice.home, "DescribeTaskDefinition", &json!({ "taskDefinition": arn })))
        .collect();
    let answers = slice.ask_all(asks);
    for (definition, answer) in definitions.values_mut().zip(answers) {
        *definition = answer.and_then(|answer| answer.get("taskDefinition").cloned());
    }
    let runs_ai: BTreeMap<&String, Containers> = definitions
        .iter()
        .filter_map(|(arn, definition)| Some((arn, Containers::of(definition.as_ref()?)?)))
        .collect();
    for service in &services {
        let (Some(arn), Some(name)) = (text(service, "/serviceArn"), text(service, "/serviceName")) else {
            continue;
        };
        let Some(definition) =
            text(service, "/taskDefinition").filter(|arn| runs_ai.contains_key(&(*arn).to_owned()))
        else {
            continue;
        };
        Thing::new(arn, "workload", name)
            .members(
                service,
                &[
                    ("status", "/status"),
                    ("launch-type", "/launchType"),
                    ("desired", "/desiredCount"),
                    ("running", "/runningCount"),
                    ("public-address", "/networkConfiguration/awsvpcConfiguration/assignPublicIp"),
                ],
            )
            .times(service)
            .tags(service.get("tags"))
            .edge("uses", Some(definition))
            .edge("uses", text(service, "/clusterArn").or(Some(cluster)))
            .report(slice);
        let cluster = text(service, "/clusterArn").unwrap_or(cluster);
        let cluster_name = Arn::parse(cluster).map(|arn| arn.name().to_owned()).unwrap_or_default();
        if !slice.named.contains(cluster) {
            Thing::new(cluster, "cluster", cluster_name).report(slice);
        }
        balancers(slice, service, arn);
    }
    for (arn, containers) in &runs_ai {
        if let Some(Some(definition)) = definitions.get(*arn) {
            containers.report(slice, arn, definition);
        }
    }
}

/// What the containers of a task say.
#[derive(Debug, Default)]
struct Containers {
    images: Vec<String>,
    models: Vec<String>,
    environment: Environment,
    secrets: Vec<(String, String)>,
    accelerators: u64,
}

impl Containers {
    /// None: nothing speaks of AI.
    fn of(definition: &Value) -> Option<Self> {
        let mut found = Self::default();
        let mut variables: Vec<(&str, &str)> = vec![];
        let mut speaks = false;
        for container in entries(definition, "/containerDefinitions") {
            if let Some(image) = text(container, "/image") {
                speaks |= signal::image(image);
                found.images.push(image.to_owned());
            }
            let words = ["/entryPoint", "/command"].into_iter().flat_map(|at| entries(container, at));
            found.models.extend(signal::command_models(words.filter_map(Value::as_str)));
            for requirement in entries(container, "/resourceRequirements") {
                if matches!(text(requirement, "/type"), Some("GPU" | "InferenceAccelerator" | "NeuronDevice"))
                {
                    found.accelerators +=
                        text(requirement, "/value").and_then(|n| n.parse::<u64>().ok()).unwrap_or(1);
                }
            }
            for variable in entries(container, "/environment") {
                variables.extend(text(variable, "/name").zip(text(variable, "/value")));
            }
            for secret in entries(container, "/secrets") {
                let (Some(name), Some(from)) = (text(secret, "/name"), text(secret, "/valueFrom")) else {
                    continue;
                };
                if inventar_catalogue::secret(name).is_some() {
                    found.secrets.push((name.to_owned(), from.to_owned()));
                }
            }
        }
        found.environment = Environment::of(variables);
        speaks |= found.accelerators > 0
            || !found.models.is_empty()
            || !found.secrets.is_empty()
            || found.environment.speaks();
        speaks.then_some(found)
    }

    fn report(&self, slice: &mut Slice<'_>, arn: &str, definition: &Value) {
        let name = text(definition, "/family").unwrap_or(arn);
        let mut thing = Thing::new(arn, "config", name)
            .members(
                definition,
                &[("status", "/status"), ("revision", "/revision"), ("network", "/networkMode")],
            )
            .maybe("accelerators", (self.accelerators > 0).then_some(self.accelerators))
            .maybe("served-models", (!self.models.is_empty()).then(|| self.models.clone()))
            .runs_as(text(definition, "/taskRoleArn"));
        for image in &self.images {
            thing = thing.image(Some(image));
        }
        for model in &self.models {
            thing = thing.model("serves", Some(model));
        }
        for (name, from) in &self.secrets {
            thing = thing.secret(Some(from), Some(name));
        }
        speaks(thing, &self.environment, &slice.home).report(slice);
    }
}

/// Load balancers in front of a service that face the internet.
fn balancers(slice: &mut Slice<'_>, service: &Value, arn: &str) {
    let groups: Vec<&str> =
        entries(service, "/loadBalancers").filter_map(|balancer| text(balancer, "/targetGroupArn")).collect();
    for group in groups.into_iter().take(5) {
        let ask =
            BALANCING.query(&slice.home, "DescribeTargetGroups", &[("TargetGroupArns.member.1", group)]);
        let Some(answer) = slice.ask(ask) else { continue };
        let found: Vec<String> = entries(&answer, "/DescribeTargetGroupsResult/TargetGroups")
            .flat_map(|group| entries(group, "/LoadBalancerArns"))
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        for balancer in found.iter().take(5) {
            let ask = BALANCING.query(
                &slice.home,
                "DescribeLoadBalancers",
                &[("LoadBalancerArns.member.1", balancer)],
            );
            let Some(answer) = slice.ask(ask) else { continue };
            for found in entries(&answer, "/DescribeLoadBalancersResult/LoadBalancers") {
                let name = text(found, "/LoadBalancerName").unwrap_or(balancer);
                let mut thing = Thing::new(balancer.as_str(), "network-exposure", name)
                    .members(found, &[("address", "/DNSName"), ("scheme", "/Scheme"), ("type", "/Type")])
                    .property("by", "load balancer")
                    .property("public", text(found, "/Scheme") == Some("internet-facing"));
                thing.edge_to("exposes", "arn", arn, &[]);
                thing.report(slice);
            }
        }
    }
}

/// Clusters with accelerators. What runs in a cluster is for the plugin `kubernetes`.
fn eks_clusters(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for name in items.iter().filter_map(Value::as_str) {
        let path = format!("/clusters/{}", segment(name));
        let groups = slice.pages("/nodegroups", "/nextToken", |home, token| {
            let mut query = vec![("maxResults", "100")];
            query.extend(token.map(|token| ("nextToken", token)));
            EKS.get(home, "ListNodegroups", &format!("{path}/node-groups"), &query)
        });
        let asks = groups
            .iter()
            .filter_map(Value::as_str)
            .map(|group| {
                EKS.get(
                    &slice.home,
                    "DescribeNodegroup",
                    &format!("{path}/node-groups/{}", segment(group)),
                    &[],
                )
            })
            .collect();
        let described: Vec<Value> = slice.ask_all(asks).into_iter().flatten().collect();
        let mut accelerated: Vec<String> = vec![];
        let mut roles: Vec<String> = vec![];
        for group in described.iter().filter_map(|answer| answer.get("nodegroup")) {
            let types: Vec<&str> = entries(group, "/instanceTypes").filter_map(Value::as_str).collect();
            let by_image = text(group, "/amiType")
                .is_some_and(|kind| ["GPU", "NVIDIA", "NEURON"].iter().any(|word| kind.contains(word)));
            if by_image || types.iter().any(|name| signal::accelerated(name)) {
                let name = text(group, "/nodegroupName").unwrap_or_default();
                accelerated.push(format!("{name}: {}", types.join(", ")));
                roles.extend(text(group, "/nodeRole").map(str::to_owned));
            }
        }
        if accelerated.is_empty() {
            continue;
        }
        let ask = EKS.get(&slice.home, "DescribeCluster", &path, &[]);
        let cluster = slice.ask(ask).and_then(|answer| answer.get("cluster").cloned()).unwrap_or_default();
        let made = slice.home.arn("eks", &format!("cluster/{name}"));
        let mut thing = Thing::new(text(&cluster, "/arn").unwrap_or(&made), "cluster", name)
            .members(
                &cluster,
                &[
                    ("status", "/status"),
                    ("version", "/version"),
                    ("address", "/endpoint"),
                    ("public", "/resourcesVpcConfig/endpointPublicAccess"),
                    ("public-networks", "/resourcesVpcConfig/publicAccessCidrs"),
                ],
            )
            .property("accelerated-node-groups", accelerated)
            .times(&cluster)
            .tags(cluster.get("tags"));
        roles.sort();
        roles.dedup();
        for role in &roles {
            thing = thing.runs_as(Some(role));
        }
        thing.report(slice);
    }
    None
}
