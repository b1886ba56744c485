//! A rule of a manifest, for tests in the crate and beside it.

use inventar_model::{Egress, Operation, Protocol};

pub(crate) fn rule(service: &str, hosts: &[&str], protocol: Protocol, operations: &[&str]) -> Egress {
    Egress {
        service: service.into(),
        hosts: hosts.iter().map(|host| (*host).into()).collect(),
        protocol,
        target: (protocol == Protocol::AwsJson).then(|| "SageMaker".into()),
        credential: Some("key".into()),
        operations: operations
            .iter()
            .map(|text| Operation::parse(text, protocol, service).expect("an operation"))
            .collect(),
        headers: vec![],
        per_second: None,
        cost_microusd: 0,
        reason: "a test".into(),
    }
}
