//! Whatever an API server says, the plugin answers: it never panics, and its cursor never stands still.

#![allow(clippy::unwrap_used)]

use inventar_plugin_kubernetes::{Kubernetes, Settings};
use inventar_plugin_sdk::collector::native::collect;
use inventar_plugin_sdk::collector::{HttpError, Request, Response};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Names that the plugin asks for, so that arbitrary trees have them where they count.
const NAMES: &[&str] = &[
    "metadata",
    "spec",
    "status",
    "name",
    "namespace",
    "labels",
    "annotations",
    "ownerReferences",
    "apiVersion",
    "kind",
    "controller",
    "template",
    "containers",
    "image",
    "args",
    "command",
    "env",
    "value",
    "valueFrom",
    "secretKeyRef",
    "resources",
    "limits",
    "nvidia.com/gpu",
    "predictor",
    "model",
    "storageUri",
    "traffic",
    "percent",
    "revisionName",
    "predictors",
    "graph",
    "children",
    "serveConfigV2",
    "rules",
    "backendRefs",
    "weight",
    "http",
    "route",
    "destination",
    "host",
    "subset",
    "selector",
    "matchLabels",
    "app",
    "subjects",
    "roleRef",
    "nodes",
    "steps",
    "serviceName",
    "tools",
    "mcpServer",
    "items",
    "ports",
    "containerPort",
    "volumes",
    "secret",
    "secretName",
];

const TEXTS: &[&str] = &[
    "",
    "x",
    "fraud",
    "vllm/vllm-openai:v1",
    "--model",
    "org/name",
    "s3://b/k",
    "hf://a/b",
    "models:/m/3",
    "Deployment",
    "ServiceAccount",
    "OPENAI_API_KEY",
    "http://vllm.fraud.svc:80",
    "a: [",
    "applications:\n- {model_id: gpt-4o}",
    "é\u{0}",
    "Splitter",
    "pod-template-hash",
    "@",
    ":",
    "/",
    "sh -c vllm serve a/b",
];

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(TEXTS).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 80, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(NAMES), inner), 0..6).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

fn answer(status: u16, body: &Value) -> Result<Response, HttpError> {
    Ok(Response { status, headers: vec![], body: body.to_string().into_bytes(), exchange: 0 })
}

/// Serves every group that is asked for, with these objects everywhere.
fn server(objects: Vec<Value>, status: u16) -> impl FnMut(&Request) -> Result<Response, HttpError> {
    move |request| {
        let path = request.url.strip_prefix("https://k8s").unwrap_or_default();
        let groups = [
            "apps",
            "batch",
            "serving.kserve.io",
            "ray.io",
            "machinelearning.seldon.io",
            "kagent.dev",
            "networking.istio.io",
            "gateway.networking.k8s.io",
            "networking.k8s.io",
            "mlops.seldon.io",
        ];
        if path == "/apis" {
            let groups: Vec<Value> =
                groups.iter().map(|name| json!({"name": name, "versions": [{"version": "v1"}]})).collect();
            return answer(200, &json!({"groups": groups}));
        }
        if path.starts_with("/apis/") && !path.contains('?') {
            let names = [
                "deployments",
                "cronjobs",
                "inferenceservices",
                "inferencegraphs",
                "rayservices",
                "agents",
                "seldondeployments",
                "virtualservices",
                "httproutes",
                "ingresses",
                "experiments",
                "trainedmodels",
            ];
            let resources: Vec<Value> =
                names.iter().map(|name| json!({"name": name, "verbs": ["list"]})).collect();
            return answer(200, &json!({"resources": resources}));
        }
        answer(status, &json!({"metadata": {}, "items": objects}))
    }
}

fn settings() -> Settings {
    Settings { endpoint: "https://k8s".to_owned(), namespaces: vec![] }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_object(objects in proptest::collection::vec(tree(), 0..4), status in prop_oneof![Just(200_u16), 200_u16..600]) {
        let collected = collect::<Kubernetes>(settings, server(objects, status)).unwrap();
        for (_, asset) in &collected.assets {
            prop_assert!(!asset.evidence.is_empty(), "{}", asset.key);
        }
        // What was refused is a gap, and nothing of it is complete.
        if matches!(status, 401 | 403 | 500..) {
            prop_assert!(!collected.gaps.is_empty());
            prop_assert!(collected.scopes.iter().all(|(_, is_complete)| !is_complete), "{:?}", collected.scopes);
        }
    }

    #[test]
    fn any_bytes(body in proptest::collection::vec(any::<u8>(), 0..64), status in 100_u16..600) {
        let transport = move |_: &Request| Ok(Response { status, headers: vec![], body: body.clone(), exchange: 0 });
        // A discovery that is none is a problem with words; anything else is a result.
        if let Err(problem) = collect::<Kubernetes>(settings, transport) {
            prop_assert!(!problem.message.is_empty());
        }
    }
}
