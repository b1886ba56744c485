//! What an answer asks of us: to take it, to wait, to try again; and whether it says that a permission is missing.

use jiff::Timestamp;
use quick_xml::events::Event;
use std::time::Duration;

/// Bytes of an error's body that are looked at.
const MAX_ERROR: usize = 64 << 10;

/// What an answer asks of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing: it is the guest's.
    Take,
    /// A permission is missing; it is the guest's, too.
    Refused,
    /// To wait, perhaps so long.
    Wait(Option<Duration>),
    /// The service failed: to try again.
    Failed(Option<Duration>),
}

/// AWS's words for it, in any of its protocols; compared without `Exception` at the end.
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2Throttled",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttled",
    "Throttling",
    "ThrottledRequest",
    "TooManyRequests",
];
const REFUSED: &[&str] = &[
    "AccessDenied",
    "AuthFailure",
    "AuthorizationError",
    "ExpiredToken",
    "Forbidden",
    "InvalidClientTokenId",
    "NotAuthorized",
    "UnauthorizedOperation",
    "UnrecognizedClient",
];

/// How AWS's services spell the header with the id of a request.
const REQUEST_IDS: &[&str] = &["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];

/// Reads an answer. `now` is for a date in `retry-after` when the answer has none of its own.
pub(crate) fn verdict(status: u16, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Verdict {
    if status < 400 {
        return Verdict::Take;
    }
    let after = retry_after(headers, now);
    let code = code(headers, body);
    let word = code.as_deref().map(|code| code.strip_suffix("Exception").unwrap_or(code));
    let is = |words: &[&str]| word.is_some_and(|word| words.contains(&word));
    match status {
        429 => Verdict::Wait(after),
        _ if is(THROTTLED) => Verdict::Wait(after),
        401 | 403 => Verdict::Refused,
        400..=499 if is(REFUSED) => Verdict::Refused,
        503 if after.is_some() => Verdict::Wait(after),
        500 | 502..=504 => Verdict::Failed(after),
        _ => Verdict::Take,
    }
}

/// Whether this is the page of a program that stands for AWS and fell over a call that it does not know: every answer of
/// AWS itself has a request id. Asking again does not teach it.
pub(crate) fn is_unknown_to_stand_in(status: u16, headers: &[(String, String)]) -> bool {
    let is_page = header(headers, "content-type").is_some_and(|kind| kind.starts_with("text/html"));
    status == 500 && is_page && REQUEST_IDS.iter().all(|name| header(headers, name).is_none())
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
}

/// `retry-after` in seconds or as a date.
fn retry_after(headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let text = header(headers, "retry-after")?;
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(86_400)));
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    let now = header(headers, "date").and_then(date).unwrap_or(now);
    let wait = date(text)?.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or_default().min(Duration::from_secs(86_400)))
}

/// The error's code: `x-amzn-errortype`, `__type` or `code` of JSON, `<Code>` of XML.
fn code(headers: &[(String, String)], body: &[u8]) -> Option<String> {
    let plain = |text: &str| {
        let text = text.split(':').next().unwrap_or_default();
        text.rsplit(['#', '.']).next().unwrap_or_default().trim().to_owned()
    };
    if let Some(text) = header(headers, "x-amzn-errortype") {
        return Some(plain(text));
    }
    if body.len() > MAX_ERROR {
        return None;
    }
    match body.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{') => {
            let value: serde_json::Value = serde_json::from_slice(body).ok()?;
            let code = ["__type", "code", "Code"].iter().find_map(|name| value.get(name)?.as_str())?;
            Some(plain(code))
        }
        Some(b'<') => xml_code(body),
        _ => None,
    }
}

fn xml_code(body: &[u8]) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut inside = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => inside = start.local_name().as_ref() == "Code",
            Event::Text(text) if inside => return Some(text.trim().to_owned()),
            Event::End(_) => inside = false,
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, headers: &[(&str, &str)], body: &str, expected: Verdict) {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let now = Timestamp::from_second(1_700_000_000).expect("a time");
        assert_eq!(verdict(status, &headers, body.as_bytes(), now), expected, "{status} {headers:?} {body}");
    }

    fn wait(seconds: u64) -> Verdict {
        Verdict::Wait(Some(Duration::from_secs(seconds)))
    }

    #[test]
    fn answers_that_ask_to_wait() {
        check(429, &[], "", Verdict::Wait(None));
        check(429, &[("retry-after", "7")], "", wait(7));
        check(429, &[("retry-after", "Tue, 14 Nov 2023 22:13:29 GMT")], "", wait(9));
        let dates =
            [("retry-after", "Tue, 14 Nov 2023 22:13:29 GMT"), ("date", "Tue, 14 Nov 2023 22:13:25 GMT")];
        check(429, &dates, "", wait(4));
        check(429, &[("retry-after", "Fri, 14 Nov 2003 22:13:29 GMT")], "", wait(0));
        check(429, &[("retry-after", "soon")], "", Verdict::Wait(None));
        check(429, &[("retry-after", "99999999999")], "", wait(86_400));
        check(503, &[("retry-after", "1")], "", wait(1));
        check(400, &[], r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#, Verdict::Wait(None));
        check(400, &[], r#"{"__type":"com.amazonaws.x#TooManyRequestsException"}"#, Verdict::Wait(None));
        check(400, &[("x-amzn-errortype", "ThrottledException:http://x/")], "", Verdict::Wait(None));
        let xml = "<?xml version=\"1.0\"?><ErrorResponse><Error><Type>S</Type><Code>Throttling</Code></Error></ErrorResponse>";
        check(400, &[], xml, Verdict::Wait(None));
        check(503, &[], "<Error><Code>SlowDown</Code></Error>", Verdict::Wait(None));
        check(
            503,
            &[],
            "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>",
            Verdict::Wait(None),
        );
    }

    #[test]
    fn answers_of_a_failing_service() {
        for status in [500, 502, 503, 504] {
            check(status, &[], "<html>", Verdict::Failed(None));
        }
        check(501, &[], "", Verdict::Take);
        check(500, &[], r#"{"__type":"InternalFailure"}"#, Verdict::Failed(None));
    }

    #[test]
    fn pages_of_a_stand_in() {
        let is_one = |status, headers: &[(&str, &str)]| {
            let headers: Vec<(String, String)> =
                headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            is_unknown_to_stand_in(status, &headers)
        };
        let page = ("content-type", "text/html; charset=utf-8");
        assert!(is_one(500, &[page]));
        assert!(!is_one(502, &[page]));
        assert!(!is_one(500, &[page, ("x-amzn-requestid", "1")]));
        assert!(!is_one(500, &[("content-type", "application/x-amz-json-1.1")]));
        assert!(!is_one(500, &[]));
    }

    #[test]
    fn answers_that_miss_a_permission() {
        check(401, &[], "", Verdict::Refused);
        check(403, &[], "x", Verdict::Refused);
        check(400, &[], r#"{"__type":"AccessDeniedException"}"#, Verdict::Refused);
        check(400, &[], "<E><Code>UnauthorizedOperation</Code></E>", Verdict::Refused);
    }

    #[test]
    fn other_answers() {
        check(200, &[("retry-after", "7")], "", Verdict::Take);
        check(404, &[], "", Verdict::Take);
        check(400, &[], r#"{"__type":"ValidationException"}"#, Verdict::Take);
        check(400, &[], "<broken><Code", Verdict::Take);
        check(400, &[], "{broken", Verdict::Take);
    }
}
