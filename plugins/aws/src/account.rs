//! Who we are and where to look: the account, its regions, the scopes.

use crate::arn::Home;
use crate::call::{Api, Form, Trouble, send};
use crate::listing::entries;
use crate::settings::Settings;
use crate::thing::text;
use inventar_plugin_sdk::collector::{Problem, Reason, Scope};

const STS: Api =
    Api { actions: "sts", host: "sts.{region}.amazonaws.com", form: Form::Query { version: "2011-06-15" } };

const EC2: Api =
    Api { actions: "ec2", host: "ec2.{region}.amazonaws.com", form: Form::Query { version: "2016-11-15" } };

/// Where the global services of the public partition are signed for.
pub(crate) const GLOBAL_REGION: &str = "us-east-1";

/// The word that stands for a region in the scope of a global service.
const GLOBAL: &str = "global";

/// The scopes of the account: services of `regional` in each region, services of `global` once.
pub(crate) fn scopes(settings: &Settings, global: &[&str], regional: &[&str]) -> Result<Vec<Scope>, Problem> {
    let region = settings.home_region.clone().or_else(|| settings.regions.first().cloned());
    let mut home =
        Home { account: String::new(), region: region.unwrap_or_else(|| GLOBAL_REGION.to_owned()) };
    let identity = one(STS.query(&home, "GetCallerIdentity", &[]), "the credential is not accepted")?;
    let Some(account) = text(&identity, "/GetCallerIdentityResult/Account") else {
        return Err(Problem::new("identity", "sts:GetCallerIdentity did not say which account this is"));
    };
    home.account = account.to_owned();
    let mut regions = settings.regions.clone();
    if regions.is_empty() {
        let hint = "grant ec2:DescribeRegions, or set `regions`";
        let answer = one(EC2.query(&home, "DescribeRegions", &[]), hint)?;
        regions = entries(&answer, "/regionInfo")
            .filter_map(|region| text(region, "/regionName"))
            .map(str::to_owned)
            .collect();
    }
    regions.sort();
    regions.dedup();
    if regions.is_empty() {
        return Err(Problem::new("regions", "the account has no enabled region; set `regions`"));
    }
    let wanted =
        |service: &&&str| settings.services.is_empty() || settings.services.iter().any(|s| s == **service);
    let mut scopes = vec![];
    for service in global.iter().filter(wanted) {
        scopes.push(scope(account, GLOBAL, service));
    }
    for region in &regions {
        for service in regional.iter().filter(wanted) {
            scopes.push(scope(account, region, service));
        }
    }
    Ok(scopes)
}

fn scope(account: &str, region: &str, service: &str) -> Scope {
    let label = format!("{service} in {region} of account {account}");
    Scope::new(format!("aws/{account}/{region}/{service}"), "service", label)
}

/// The inverse: where a scope is, and of which service.
pub(crate) fn home(scope: &Scope) -> Result<(Home, &str), Problem> {
    let parts: Vec<&str> = scope.id.split('/').collect();
    match parts.as_slice() {
        ["aws", account, region, service] => {
            let region = if *region == GLOBAL { GLOBAL_REGION } else { region };
            Ok((Home { account: (*account).to_owned(), region: region.to_owned() }, service))
        }
        _ => Err(Problem::new("scope", format!("`{}` is not `aws/ACCOUNT/REGION/SERVICE`", scope.id))),
    }
}

fn one(ask: crate::call::Ask, hint: &str) -> Result<serde_json::Value, Problem> {
    let action = ask.action.clone();
    match send(&[ask]).pop() {
        Some(Ok(value)) => Ok(value),
        Some(Err(Trouble::Gap(gap))) if gap.reason == Reason::AccessDenied => {
            Err(Problem::new("access-denied", format!("{action}: {}; {hint}", gap.detail)))
        }
        Some(Err(Trouble::Unknown(gap) | Trouble::Gap(gap))) => {
            Err(Problem::new(code(&gap.reason), format!("{action}: {}", gap.detail)))
        }
        Some(Err(Trouble::Absent)) | None => {
            Err(Problem::new("answer", format!("{action} was not answered; {hint}")))
        }
    }
}

fn code(reason: &Reason) -> &'static str {
    match reason {
        Reason::CredentialMissing => "credential-missing",
        Reason::RateLimited(_) => "rate-limited",
        Reason::Unreachable => "unreachable",
        Reason::TimedOut => "timed-out",
        Reason::BudgetExhausted => "budget-exhausted",
        _ => "answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_say_where_they_are() {
        let home_of = |id: &str| {
            home(&Scope::new(id, "service", "")).map(|(home, service)| (home.region, service.to_owned()))
        };
        assert_eq!(home_of("aws/1/eu-west-1/sagemaker"), Ok(("eu-west-1".into(), "sagemaker".into())));
        assert_eq!(home_of("aws/1/global/iam"), Ok(("us-east-1".into(), "iam".into())));
        assert!(home_of("aws/1").is_err());
    }
}
