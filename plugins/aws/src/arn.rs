//! Amazon resource names, and the parts of AWS that a scope is about.

/// Account and region that calls are about. The region of a global service is the one that requests are signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Home {
    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE` of this place.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition(), self.region, self.account)
    }

    /// A name without region and account, as buckets have.
    pub(crate) fn bucket(&self, name: &str) -> String {
        format!("arn:{}:s3:::{name}", self.partition())
    }

    fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("us-gov-") => "aws-us-gov",
            region if region.starts_with("cn-") => "aws-cn",
            _ => "aws",
        }
    }
}

/// The parts of a resource name that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, _partition) = (parts.next()?, parts.next()?);
        let found = Self {
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (arn == "arn" && !found.service.is_empty() && !found.resource.is_empty()).then_some(found)
    }

    /// `training-job` of `training-job/x`, `function` of `function:x`; the service's one kind where there is no word.
    pub(crate) fn kind(&self) -> &'a str {
        match self.resource.split_once(['/', ':']) {
            Some((kind, _)) => kind,
            None => self.service,
        }
    }

    /// What stands behind the kind.
    pub(crate) fn name(&self) -> &'a str {
        self.resource.split_once(['/', ':']).map_or(self.resource, |(_, name)| name)
    }
}

/// `sagemaker:training-job`, the way the tagging API names types.
pub(crate) fn resource_type(arn: &str) -> Option<String> {
    let arn = Arn::parse(arn)?;
    Some(if arn.service == "s3" { "s3:bucket".into() } else { format!("{}:{}", arn.service, arn.kind()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        assert_eq!(
            resource_type(text).as_deref().zip(Arn::parse(text).map(|arn| arn.name())),
            expected,
            "{text}"
        );
    }

    #[test]
    fn parts() {
        check("arn:aws:sagemaker:eu-west-1:1:training-job/a", Some(("sagemaker:training-job", "a")));
        check("arn:aws:sagemaker:eu-west-1:1:model-package/g/3", Some(("sagemaker:model-package", "g/3")));
        check("arn:aws:lambda:eu-west-1:1:function:f", Some(("lambda:function", "f")));
        check("arn:aws:s3:::bucket", Some(("s3:bucket", "bucket")));
        check("arn:aws:iam::1:role/service-role/r", Some(("iam:role", "service-role/r")));
        check("arn:aws:bedrock:us-east-1::foundation-model/x:0", Some(("bedrock:foundation-model", "x:0")));
        check("arn:aws:s3", None);
        check("bucket", None);
    }

    #[test]
    fn places() {
        let home = |region: &str| Home { account: "1".into(), region: region.into() };
        assert_eq!(home("eu-west-1").arn("sagemaker", "model/m"), "arn:aws:sagemaker:eu-west-1:1:model/m");
        assert_eq!(home("us-gov-west-1").bucket("b"), "arn:aws-us-gov:s3:::b");
    }
}
