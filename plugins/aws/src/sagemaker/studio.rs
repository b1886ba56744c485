//! Where people work: notebook instances, Studio domains and their apps, HyperPod clusters.

use super::{described, tags};
use crate::listing::Slice;
use crate::thing::{Thing, text};
use serde_json::Value;

pub(super) fn notebook(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let name = "NotebookInstanceName";
    let notebooks = described(slice, items, "DescribeNotebookInstance", name, name);
    let tags = tags(slice, &notebooks, "NotebookInstanceArn");
    for (notebook, tags) in notebooks.iter().zip(tags) {
        let arn = text(notebook, "/NotebookInstanceArn");
        let (Some(arn), Some(name)) = (arn, text(notebook, "/NotebookInstanceName")) else { continue };
        let mut thing = Thing::new(arn, "notebook", name);
        if let Some(url) = text(notebook, "/Url") {
            thing = thing.property("address", url);
        }
        thing
            .members(
                notebook,
                &[
                    ("status", "/NotebookInstanceStatus"),
                    ("instance-type", "/InstanceType"),
                    ("direct-internet-access", "/DirectInternetAccess"),
                    ("root-access", "/RootAccess"),
                    ("platform", "/PlatformIdentifier"),
                    ("subnet", "/SubnetId"),
                    ("security-groups", "/SecurityGroups"),
                    ("kms-key", "/KmsKeyId"),
                    ("code-repository", "/DefaultCodeRepository"),
                ],
            )
            .times(notebook)
            .tags(tags.as_ref())
            .runs_as(text(notebook, "/RoleArn"))
            .report(slice);
    }
    None
}

pub(super) fn domain(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let domains = described(slice, items, "DescribeDomain", "DomainId", "DomainId");
    let tags = tags(slice, &domains, "DomainArn");
    for (domain, tags) in domains.iter().zip(tags) {
        let (Some(arn), Some(name)) = (text(domain, "/DomainArn"), text(domain, "/DomainName")) else {
            continue;
        };
        Thing::new(arn, "site", name)
            .members(
                domain,
                &[
                    ("status", "/Status"),
                    ("address", "/Url"),
                    ("sign-in", "/AuthMode"),
                    ("network", "/AppNetworkAccessType"),
                    ("vpc", "/VpcId"),
                ],
            )
            .times(domain)
            .tags(tags.as_ref())
            .runs_as(text(domain, "/DefaultUserSettings/ExecutionRole"))
            .bucket(text(domain, "/DefaultUserSettings/SharingSettings/S3OutputPath"), "write")
            .report(slice);
    }
    None
}

/// Apps have no ARN in the list; it is made as SageMaker makes it.
pub(super) fn app(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for app in items.iter().filter(|app| text(app, "/Status") != Some("Deleted")) {
        let (Some(domain), Some(kind), Some(name)) =
            (text(app, "/DomainId"), text(app, "/AppType"), text(app, "/AppName"))
        else {
            continue;
        };
        let owner = text(app, "/UserProfileName").or_else(|| text(app, "/SpaceName")).unwrap_or_default();
        let resource = format!("app/{domain}/{owner}/{}/{name}", kind.to_ascii_lowercase());
        let domain = slice.home.arn("sagemaker", &format!("domain/{domain}"));
        Thing::new(slice.home.arn("sagemaker", &resource), "notebook", format!("{owner}/{name}"))
            .members(
                app,
                &[
                    ("status", "/Status"),
                    ("app-type", "/AppType"),
                    ("user-profile", "/UserProfileName"),
                    ("space", "/SpaceName"),
                    ("instance-type", "/ResourceSpec/InstanceType"),
                ],
            )
            .times(app)
            .edge("uses", Some(&domain))
            .report(slice);
    }
    None
}

pub(super) fn cluster(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for cluster in described(slice, items, "DescribeCluster", "ClusterName", "ClusterName") {
        let (Some(arn), Some(name)) = (text(&cluster, "/ClusterArn"), text(&cluster, "/ClusterName")) else {
            continue;
        };
        let mut thing = Thing::new(arn, "cluster", name)
            .members(
                &cluster,
                &[("status", "/ClusterStatus"), ("orchestrator", "/Orchestrator/Eks/ClusterArn")],
            )
            .times(&cluster)
            .edge("uses", text(&cluster, "/Orchestrator/Eks/ClusterArn"));
        let mut groups = vec![];
        for group in crate::listing::entries(&cluster, "/InstanceGroups") {
            let count = group.get("CurrentCount").and_then(Value::as_u64).unwrap_or_default();
            groups.push(format!("{count} {}", text(group, "/InstanceType").unwrap_or_default()));
            thing = thing.runs_as(text(group, "/ExecutionRole"));
        }
        thing.maybe("instances", (!groups.is_empty()).then_some(groups)).report(slice);
    }
    None
}
