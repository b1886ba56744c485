//! What the broker itself costs: requests through every step, to a transport that answers at once.
//!
//! `cargo run --release -p inventar-broker --example overhead`

use inventar_broker::{Broker, BrokerConfig, ConnectOptions, Incoming, Later, Limits, Outgoing, Transport};
use inventar_model::{
    Budget, Connection, CredentialKind, CredentialSlot, CredentialSource, Digest, Egress, Header, HttpError,
    HttpMethod, HttpRequest, Operation, PluginId, Protocol, SourceName,
};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CALLS: usize = 20_000;

struct AtOnce(Vec<u8>);

impl Transport for AtOnce {
    fn exchange<'a>(&'a self, _: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>> {
        Box::pin(async {
            let headers = vec![("content-type".to_owned(), "application/x-amz-json-1.1".to_owned())];
            Ok(Incoming { status: 200, headers, body: self.0.clone(), wire_bytes: self.0.len() as u64 })
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut secret = tempfile::NamedTempFile::new()?;
    secret.write_all(b"a-secret-of-the-usual-length-1234567890")?;
    let source = CredentialSource {
        kind: CredentialKind::Bearer,
        reference: format!("file:{}", secret.path().display()),
        options: BTreeMap::new(),
    };
    let slot = CredentialSlot {
        slot: "key".into(),
        kinds: vec![CredentialKind::Bearer],
        header: None,
        optional: false,
        reason: "to measure".into(),
    };
    let rules: Vec<Egress> = ["sagemaker", "bedrock", "lambda", "ecs", "ecr"]
        .iter()
        .map(|service| {
            Ok(Egress {
                service: (*service).into(),
                hosts: vec![format!("api.{service}.*.amazonaws.com")],
                protocol: Protocol::AwsJson,
                target: Some("Target".into()),
                credential: Some("key".into()),
                operations: (0..40)
                    .map(|n| Operation::parse(&format!("List{n}"), Protocol::AwsJson, service))
                    .chain([Operation::parse("ListModels", Protocol::AwsJson, service)])
                    .filter_map(Result::ok)
                    .collect(),
                headers: vec![],
                per_second: None,
                cost_microusd: 1,
                reason: "to measure".into(),
            })
        })
        .collect::<Result<_, Box<dyn Error>>>()?;
    let connection = Connection {
        name: SourceName::new("measure")?,
        plugin: PluginId::new("inventar/measure")?,
        permissions: Digest::of(b""),
        endpoint: None,
        allow_private: vec![],
        authority: None,
        credentials: BTreeMap::from([("key".to_owned(), source)]),
        settings: String::new(),
        budget: Budget { calls: Some(1 << 40), ..Budget::default() },
    };
    let limits = Limits { per_second: 1_000_000, ..Limits::default() };
    for (name, body) in [("1 KiB", 1 << 10), ("16 KiB", 16 << 10), ("1 MiB", 1 << 20)] {
        let body = b"{\"ModelName\":\"a-model-with-a-name\"},".repeat(body / 36);
        let config = BrokerConfig {
            limits: limits.clone(),
            transport: Some(Arc::new(AtOnce(body))),
            ..BrokerConfig::default()
        };
        let session = Broker::new(config).connect(
            &connection,
            &rules,
            std::slice::from_ref(&slot),
            ConnectOptions::default(),
        )?;
        let line = session.scope("aws/1/eu-west-1/ecr");
        let header = |name: &str, value: &str| Header { name: name.into(), value: value.into() };
        let calls = if name == "1 MiB" { CALLS / 20 } else { CALLS };
        let mut took: Vec<Duration> = vec![];
        for _ in 0..calls {
            let request = HttpRequest {
                method: HttpMethod::Post,
                url: "https://api.ecr.eu-west-1.amazonaws.com/".into(),
                headers: vec![
                    header("content-type", "application/x-amz-json-1.1"),
                    header("x-amz-target", "Target.ListModels"),
                ],
                body: Some(br#"{"MaxResults":100}"#.to_vec()),
                credential: Some("key".into()),
                timeout_ms: None,
            };
            let begun = Instant::now();
            line.send(request).await.map_err(|error| format!("{error:?}"))?;
            took.push(begun.elapsed());
        }
        took.sort();
        let at = |share: usize| took[(took.len() - 1) * share / 100];
        let line = format!("{name:>6} answers: p50 {:?}, p99 {:?}\n", at(50), at(99));
        std::io::stdout().write_all(line.as_bytes())?;
    }
    Ok(())
}
