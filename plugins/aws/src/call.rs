//! Calls: the four ways in which AWS is asked, and what its refusals mean.

use crate::arn::Home;
use crate::xml;
use inventar_plugin_sdk::collector::{Failure, Gap, HttpError, Reason, Request, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The slot of the manifest.
const SLOT: &str = "aws";

/// What of a path segment and of a query stands as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Services that are not offered in every region: where they are not, their name does not resolve.
const SOMEWHERE: &[&str] =
    &["aoss", "bedrock", "bedrock-agentcore", "comprehend", "kendra", "qbusiness", "rekognition"];

/// A service and how it is asked.
#[derive(Debug)]
pub(crate) struct Api {
    /// What its IAM actions begin with.
    pub(crate) actions: &'static str,
    /// `{region}` stands for the region.
    pub(crate) host: &'static str,
    /// The protocol.
    pub(crate) form: Form,
}

#[derive(Debug)]
pub(crate) enum Form {
    /// `x-amz-target: TARGET.Operation`, JSON of this version.
    Json { target: &'static str, version: &'static str },
    /// `Action=Operation&Version=…`, answered in XML.
    Query { version: &'static str },
    /// Paths, answered in JSON.
    Rest,
    /// Paths, answered in XML.
    Xml,
}

/// A call that can be made.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// What IAM calls it.
    pub(crate) action: String,
    request: Request,
    is_xml: bool,
}

impl Api {
    /// An operation of the JSON protocol.
    pub(crate) fn json(&self, home: &Home, operation: &str, body: &Value) -> Ask {
        let Form::Json { target, version } = &self.form else { return self.get(home, operation, "/", &[]) };
        let content_type = format!("application/x-amz-json-{version}");
        let request = Request::post(self.url(home, "/"), &content_type, body.to_string().into_bytes())
            .header("x-amz-target", format!("{target}.{operation}"));
        self.ask(operation, request, false)
    }

    /// An operation of the query protocol.
    pub(crate) fn query(&self, home: &Home, operation: &str, parameters: &[(&str, &str)]) -> Ask {
        let Form::Query { version } = &self.form else { return self.get(home, operation, "/", &[]) };
        let form = format!("Action={operation}&Version={version}{}", pairs("&", parameters));
        let request =
            Request::post(self.url(home, "/"), "application/x-www-form-urlencoded", form.into_bytes());
        self.ask(operation, request, true)
    }

    /// A GET of a path.
    pub(crate) fn get(&self, home: &Home, operation: &str, path: &str, query: &[(&str, &str)]) -> Ask {
        let request = Request::get(self.url(home, path) + &pairs("?", query));
        self.ask(operation, request, matches!(self.form, Form::Xml))
    }

    /// A POST of JSON to a path, where a service lists so.
    pub(crate) fn post(&self, home: &Home, operation: &str, path: &str, body: &Value) -> Ask {
        let request = Request::post(self.url(home, path), "application/json", body.to_string().into_bytes());
        self.ask(operation, request, false)
    }

    fn url(&self, home: &Home, path: &str) -> String {
        format!("https://{}{path}", self.host.replace("{region}", &home.region))
    }

    fn ask(&self, operation: &str, request: Request, is_xml: bool) -> Ask {
        Ask { action: format!("{}:{operation}", self.actions), request: request.credential(SLOT), is_xml }
    }
}

/// A segment of a path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn pairs(first: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        text.push_str(if text.is_empty() { first } else { "&" });
        text.push_str(&format!("{}={}", segment(name), segment(value)));
    }
    text
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// The object, or the setting of it that was asked for, does not exist.
    Absent,
    /// The service does not have the operation here, whatever it is asked about.
    Unknown(Gap),
    /// Anything else; whether the listing is complete without it.
    Gap(Gap),
}

/// Makes calls together; the answers are in order.
pub(crate) fn send(asks: &[Ask]) -> Vec<Result<Value, Trouble>> {
    let requests = asks.iter().map(|ask| ask.request.clone()).collect();
    let answers = inventar_plugin_sdk::collector::send_all(requests);
    let mut results: Vec<Result<Value, Trouble>> =
        asks.iter().zip(answers).map(|(ask, answer)| read(ask, answer)).collect();
    let lost = || Failure::Error(HttpError::Other("the host gave no answer".into()));
    results.extend(asks.iter().skip(results.len()).map(|ask| Err(Trouble::Gap(lost().gap(&ask.action)))));
    results
}

fn read(ask: &Ask, answer: Result<Response, Failure>) -> Result<Value, Trouble> {
    let response = match answer.and_then(Response::ok) {
        Ok(response) => response,
        Err(failure) => return Err(trouble(ask, &failure)),
    };
    let parsed = match (ask.is_xml, response.body.is_empty()) {
        (_, true) => Ok(Value::Null),
        (true, _) => xml::parse(&response.body),
        (false, _) => serde_json::from_slice(&response.body).map_err(|error| error.to_string()),
    };
    parsed.map_err(|why| {
        Trouble::Gap(Gap {
            at: ask.action.clone(),
            reason: Reason::Other("unparsable".into()),
            detail: format!("the answer is not what the protocol says: {why}"),
            retriable: true,
        })
    })
}

/// What a refusal means. AWS says it in the body or a header, and each protocol in a spelling of its own.
fn trouble(ask: &Ask, failure: &Failure) -> Trouble {
    let response = match failure {
        Failure::Status(response) => response,
        Failure::Error(error) => {
            let mut gap = failure.gap(&ask.action);
            let service = ask.action.split(':').next().unwrap_or_default();
            if *error == HttpError::Dns && SOMEWHERE.contains(&service) {
                gap.reason = Reason::Unsupported("not offered in this region".into());
                gap.retriable = false;
            }
            return Trouble::Gap(gap);
        }
    };
    let (code, message) = error_of(response);
    let why = |reason: Reason, retriable: bool| {
        let word = if code.is_empty() { format!("status {}", response.status) } else { code.clone() };
        let detail = if message.is_empty() { word } else { format!("{word}: {message}") };
        Gap { at: ask.action.clone(), reason, detail, retriable }
    };
    let gap = |reason: Reason, retriable: bool| Trouble::Gap(why(reason, retriable));
    let lower = code.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&[
        "accessdenied",
        "unauthorizedoperation",
        "notauthorized",
        "authorizationerror",
        "optinrequired",
    ]) {
        return gap(Reason::AccessDenied, false);
    }
    if says(&[
        "unrecognizedclient",
        "invalidclienttoken",
        "signaturedoesnotmatch",
        "expiredtoken",
        "invalidsignature",
        "missingauthentication",
        "authfailure",
        "incompletesignature",
        "subscriptionrequired",
    ]) {
        return gap(Reason::AccessDenied, false);
    }
    if says(&["throttl", "toomanyrequests", "requestlimitexceeded", "slowdown"]) {
        return gap(Reason::RateLimited(None), true);
    }
    if says(&[
        "unknownoperation",
        "notimplemented",
        "unsupportedoperation",
        "invalidaction",
        "operationnotsupported",
    ]) {
        return Trouble::Unknown(why(Reason::Unsupported(code.clone()), false));
    }
    let is_absent = says(&["notfound", "nosuch", "doesnotexist", "not_found"])
        || lower.contains("validation") && {
            let said = message.to_ascii_lowercase();
            ["could not find", "does not exist", "not found", "cannot find"]
                .iter()
                .any(|words| said.contains(words))
        };
    if is_absent {
        return Trouble::Absent;
    }
    match response.status {
        401 | 403 => gap(Reason::AccessDenied, false),
        404 | 405 | 501 => gap(Reason::Unsupported(format!("status {}", response.status)), false),
        429 => gap(Reason::RateLimited(None), true),
        // Every answer of AWS has a request id. One without, in HTML, is a program that stands for AWS and fell over a
        // call that it does not know.
        500 if is_stranger(response) => {
            Trouble::Unknown(why(Reason::Unsupported("no such call at this endpoint".into()), false))
        }
        status => gap(Reason::Other(format!("status {status}")), status >= 500),
    }
}

fn is_stranger(response: &Response) -> bool {
    let is_html = response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    is_html
        && ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
            .iter()
            .all(|name| response.header(name).is_none())
}

/// The code and the words of an error: of a header, of JSON, of the XML of the query protocol, EC2 and S3.
fn error_of(response: &Response) -> (String, String) {
    let text = |value: &Value, pointers: &[&str]| {
        pointers
            .iter()
            .find_map(|at| value.pointer(at))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let body = std::str::from_utf8(&response.body).unwrap_or_default().trim_start();
    let parsed = match body.as_bytes().first() {
        Some(b'{') => serde_json::from_str(body).unwrap_or_default(),
        Some(b'<') if !body.starts_with("<!") => xml::parse(body.as_bytes()).unwrap_or_default(),
        _ => Value::Null,
    };
    let mut code =
        text(&parsed, &["/__type", "/code", "/Code", "/Error/Code", "/Errors/Error/Code", "/error/code"]);
    if code.is_empty() {
        code = response.header("x-amzn-errortype").unwrap_or_default().to_owned();
    }
    // `com.amazon.coral.service#AccessDeniedException:http://…`
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().trim().chars().take(80).collect();
    let message =
        text(&parsed, &["/message", "/Message", "/errorMessage", "/Error/Message", "/Errors/Error/Message"]);
    (code, message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: Api =
        Api { actions: "x", host: "x.{region}.amazonaws.com", form: Form::Query { version: "1" } };

    #[track_caller]
    fn check(status: u16, headers: &[(&str, &str)], body: &str, expected: &str) {
        let home = Home { account: "1".into(), region: "eu-west-1".into() };
        let ask = API.query(&home, "GetX", &[]);
        let response = Response {
            status,
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: body.into(),
            exchange: 0,
        };
        let outcome = match read(&ask, Ok(response)) {
            Ok(value) => value.to_string(),
            Err(Trouble::Absent) => "absent".into(),
            Err(Trouble::Unknown(gap) | Trouble::Gap(gap)) => {
                format!("{} {:?} {}", gap.at, gap.reason, gap.detail)
            }
        };
        assert_eq!(outcome, expected);
    }

    #[test]
    fn refusals_in_every_spelling() {
        let denied = "x:GetX AccessDenied AccessDeniedException: no";
        check(400, &[], r#"{"__type":"AccessDeniedException","Message":"no"}"#, denied);
        check(
            400,
            &[],
            r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"no"}"#,
            denied,
        );
        check(403, &[("x-amzn-errortype", "AccessDeniedException:http://x/")], r#"{"message":"no"}"#, denied);
        let xml =
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        check(403, &[], xml, "x:GetX AccessDenied AccessDenied: no");
        let ec2 = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>";
        check(403, &[], ec2, "x:GetX AccessDenied UnauthorizedOperation: no");
        check(403, &[], "<Error><Code>AccessDenied</Code></Error>", "x:GetX AccessDenied AccessDenied");
        check(403, &[], "", "x:GetX AccessDenied status 403");
    }

    #[test]
    fn other_failures() {
        check(
            400,
            &[],
            r#"{"__type":"ValidationException","Message":"Could not find model 'x'."}"#,
            "absent",
        );
        check(404, &[], "<Error><Code>NoSuchBucketPolicy</Code></Error>", "absent");
        check(400, &[], r#"{"__type":"ResourceNotFoundException"}"#, "absent");
        check(
            400,
            &[],
            r#"{"__type":"UnknownOperationException"}"#,
            "x:GetX Unsupported(\"UnknownOperationException\") UnknownOperationException",
        );
        check(
            500,
            &[("content-type", "text/html; charset=utf-8")],
            "<!doctype html><title>500</title>",
            "x:GetX Unsupported(\"no such call at this endpoint\") status 500",
        );
        check(
            500,
            &[("content-type", "text/html"), ("x-amzn-requestid", "1")],
            "<!doctype html>",
            "x:GetX Other(\"status 500\") status 500",
        );
        check(
            400,
            &[],
            r#"{"__type":"ThrottlingException"}"#,
            "x:GetX RateLimited(None) ThrottlingException",
        );
        check(200, &[], "<GetXResponse><A>1</A></GetXResponse>", r#"{"A":"1"}"#);
        check(
            200,
            &[],
            "<GetXResponse><A>",
            "x:GetX Other(\"unparsable\") the answer is not what the protocol says: the document ends early",
        );
    }

    #[test]
    fn queries_are_escaped() {
        assert_eq!(pairs("?", &[("a", "b c"), ("d", "e&f=é")]), "?a=b%20c&d=e%26f%3D%C3%A9");
        assert_eq!(segment("arn:aws:x/y"), "arn%3Aaws%3Ax%2Fy");
    }
}
