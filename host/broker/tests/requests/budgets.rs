//! Waiting, trying again, and paying.

use crate::rig::{Act, Rig, Server, answer, get, post, said, signed};
use inventar_broker::Faults;
use inventar_model::{Budget, Spent};
use std::time::{Duration, Instant};

const URL: &str = "https://api.acme.com/v1/a";

/// A server that says the first answers, and then `200 done`.
async fn first(answers: Vec<Vec<u8>>) -> Server {
    Server::start(move |_, n| {
        vec![Act::Send(answers.get(n).cloned().unwrap_or_else(|| answer(200, "", b"done")))]
    })
    .await
}

fn spent(calls: u64, retries: u64, throttled: u64) -> Spent {
    Spent { calls, retries, throttled, cost_microusd: calls * 10, bytes: 0 }
}

#[tokio::test]
async fn what_asks_to_wait_is_asked_again() {
    let aws = answer(400, "", br#"{"__type":"ThrottlingException"}"#);
    let xml = answer(400, "", b"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>");
    for refusal in [answer(429, "", b""), aws, xml, answer(503, "retry-after: 0\r\n", b"")] {
        let server = first(vec![refusal.clone(), refusal]).await;
        let line = Rig::at(&server.url()).line();
        assert_eq!(said(&line.send(signed(URL)).await), "200 done");
        assert_eq!(Spent { bytes: 0, ..line.spent() }, spent(3, 2, 2));
    }
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let server = first(vec![answer(429, "retry-after: 1\r\n", b"")]).await;
    let begun = Instant::now();
    assert_eq!(said(&Rig::at(&server.url()).line().send(get(URL)).await), "200 done");
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_wait_beyond_the_limit_is_the_plugins_to_know() {
    let server = first(vec![answer(429, "retry-after: 3600\r\n", b"")]).await;
    let line = Rig::at(&server.url()).line();
    assert_eq!(said(&line.send(get(URL)).await), "rate-limited Some(3600)");
    assert_eq!(Spent { bytes: 0, ..line.spent() }, spent(1, 0, 1));
}

#[tokio::test]
async fn a_storm_of_429_ends() {
    let server = Server::fixed(429, "", "").await;
    let mut rig = Rig::at(&server.url());
    rig.limits.longest_backoff = Duration::from_millis(5);
    let line = rig.line();
    assert_eq!(said(&line.send(get(URL)).await), "rate-limited None");
    assert_eq!(Spent { bytes: 0, ..line.spent() }, spent(14, 13, 14));
}

#[tokio::test]
async fn a_throttled_operation_slows_no_other() {
    let server = Server::start(|request, _| {
        let throttled = request.starts_with("GET /v1/a");
        vec![Act::Send(if throttled {
            answer(429, "retry-after: 60\r\n", b"")
        } else {
            answer(200, "", b"done")
        })]
    })
    .await;
    let mut rig = Rig::at(&server.url());
    rig.limits.longest_wait = Duration::from_mins(2);
    let session = rig.connect();
    let slow = session.scope("slow");
    let waiting = tokio::spawn(async move { slow.send(signed(URL)).await });
    while session.live().waiting == 0 {
        assert!(!waiting.is_finished());
        tokio::task::yield_now().await;
    }
    let line = session.scope("other");
    for _ in 0..20 {
        assert_eq!(said(&line.send(get("https://open.acme.com/v1/b")).await), "200 done");
    }
    // All that time the throttled one waited, and was not asked again.
    assert_eq!((session.live().waiting, server.requests().len()), (1, 21));
    waiting.abort();
}

#[tokio::test]
async fn what_fails_is_tried_again_and_then_told() {
    let server = first(vec![answer(500, "", b"x"), answer(503, "", b"x")]).await;
    let line = Rig::at(&server.url()).line();
    assert_eq!(said(&line.send(get(URL)).await), "200 done");
    assert_eq!(Spent { bytes: 0, ..line.spent() }, spent(3, 2, 0));
    let server = Server::fixed(502, "", "broken").await;
    assert_eq!(said(&Rig::at(&server.url()).line().send(get(URL)).await), "502 broken");
    assert_eq!(server.requests().len(), 6);
    let server = Server::fixed(501, "", "never").await;
    assert_eq!(said(&Rig::at(&server.url()).line().send(get(URL)).await), "501 never");
    assert_eq!(server.requests().len(), 1);
}

/// A program that stands for AWS answers calls that it does not know with a page: asking again would not help.
#[tokio::test]
async fn a_stand_in_is_not_asked_again_for_what_it_does_not_know() {
    let (page, json) = ("content-type: text/html\r\n", "content-type: application/x-amz-json-1.1\r\n");
    let list = || {
        let headers =
            [("x-amz-target", "SageMaker.ListModels"), ("content-type", "application/x-amz-json-1.1")];
        post("https://api.sagemaker.eu-west-1.amazonaws.com/", &headers, "{}")
    };
    for (headers, request, tries) in [(page, list(), 1), (json, list(), 6), (page, get(URL), 6)] {
        let server = Server::fixed(500, headers, "no").await;
        let rig = Rig::at(&server.url());
        assert_eq!(said(&rig.connect().scope("s").send(request).await), "500 no");
        assert_eq!(server.requests().len(), tries, "{headers}");
    }
}

/// Sends until something stops it: how many went out, and what was said.
async fn until_stopped(budget: Budget, already: Spent) -> (usize, String) {
    let server = Server::fixed(200, "", "0123456789").await;
    let mut rig = Rig::at(&server.url());
    rig.connection.budget = budget;
    let session = rig.connect();
    session.resume(already);
    let line = session.scope("s");
    for _ in 0..20 {
        let outcome = said(&line.send(get(URL)).await);
        if outcome != "200 0123456789" {
            assert!(session.live().exhausted(), "{:?}", session.live());
            return (server.requests().len(), outcome);
        }
    }
    (server.requests().len(), "not stopped".into())
}

#[tokio::test]
async fn budgets_are_hard() {
    let (none, over) = (Budget::default(), "budget-exhausted".to_owned());
    let fresh = Spent::default();
    assert_eq!(until_stopped(none, fresh).await, (20, "not stopped".into()));
    assert_eq!(until_stopped(Budget { calls: Some(7), ..none }, fresh).await, (7, over.clone()));
    assert_eq!(until_stopped(Budget { calls: Some(0), ..none }, fresh).await, (0, over.clone()));
    assert_eq!(until_stopped(Budget { cost_microusd: Some(50), ..none }, fresh).await, (5, over.clone()));
    assert_eq!(until_stopped(Budget { bytes: Some(30), ..none }, fresh).await, (3, over.clone()));
    assert_eq!(until_stopped(Budget { seconds: Some(0), ..none }, fresh).await, (0, over.clone()));
    let earlier = Spent { calls: 5, ..fresh };
    assert_eq!(until_stopped(Budget { calls: Some(7), ..none }, earlier).await, (2, over));
}

#[tokio::test]
async fn a_budget_holds_however_many_ask_at_once() {
    let server = Server::fixed(200, "", "").await;
    let mut rig = Rig::at(&server.url());
    rig.connection.budget.calls = Some(10);
    let session = rig.connect();
    let all = (0..40).map(|n| {
        let line = session.scope(&format!("s{}", n % 4));
        async move { line.send(get(URL)).await.is_ok() }
    });
    let through = futures_util::future::join_all(all).await.into_iter().filter(|ok| *ok).count();
    assert_eq!((through, server.requests().len()), (10, 10));
    assert_eq!(session.spent().calls, 10);
    assert_eq!(session.remaining().calls, Some(0));
}

#[tokio::test]
async fn time_ends_a_request_on_its_way() {
    let server = Server::start(|_, _| vec![Act::Hang]).await;
    let mut rig = Rig::at(&server.url());
    rig.connection.budget.seconds = Some(1);
    assert_eq!(said(&rig.line().send(get(URL)).await), "budget-exhausted");
}

#[tokio::test]
async fn time_ends_a_body_that_drips() {
    let server = Server::start(|_, _| {
        let head = b"HTTP/1.1 200 X\r\ncontent-length: 1000\r\n\r\n".to_vec();
        vec![Act::Send(head), Act::Drip(vec![b'x'; 1000], Duration::from_millis(50))]
    })
    .await;
    let mut rig = Rig::at(&server.url());
    rig.connection.budget.seconds = Some(1);
    let mut opened = rig.line().open(get(URL)).await.unwrap();
    let ended = loop {
        match opened.body.read(16).await {
            Ok(Some(_)) => {}
            Ok(None) => break "the end".into(),
            Err(error) => break error.as_str().to_owned(),
        }
    };
    assert_eq!(ended, "budget-exhausted");
}

#[tokio::test]
async fn calls_are_told_by_scope_and_operation() {
    let server = Server::start(|request, _| {
        let status = if request.contains("/v1/secret") { 403 } else { 200 };
        vec![Act::Send(answer(status, "", b""))]
    })
    .await;
    let session = Rig::at(&server.url()).connect();
    let (one, two) = (session.scope("one"), session.scope("two"));
    for url in [URL, URL, "https://api.acme.com/v1/secret"] {
        one.send(signed(url)).await.unwrap();
    }
    two.send(get("https://open.acme.com/v1/b")).await.unwrap();
    let used: Vec<String> = session
        .used()
        .iter()
        .map(|used| {
            format!("{} {} {} {} {}", used.service, used.operation, used.actions[0], used.calls, used.denied)
        })
        .collect();
    assert_eq!(used, ["acme Read acme:Read 3 1", "open Look open:Look 1 0"]);
    assert_eq!((one.spent().calls, two.spent().calls, session.spent().calls), (3, 1, 4));
    assert_eq!(session.scope("one").spent(), one.spent());
}

#[tokio::test]
async fn what_is_still_true_is_not_sent_again() {
    let server = Server::start(|request, _| {
        let known = request.to_ascii_lowercase().contains("if-none-match: \"v1\"");
        let body = b"{\"a\":1}".repeat(500);
        vec![Act::Send(if known { answer(304, "", b"") } else { answer(200, "etag: \"v1\"\r\n", &body) })]
    })
    .await;
    let line = Rig::at(&server.url()).line();
    let one = line.send(signed(URL)).await.unwrap();
    let two = line.send(signed(URL)).await.unwrap();
    assert_eq!((one.status, &one.body, &one.headers), (two.status, &two.body, &two.headers));
    assert_ne!(one.exchange, two.exchange);
    assert_eq!(line.spent().bytes, 3500);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn faults_on_purpose_change_no_answer() {
    let server = Server::start(|request, _| {
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        vec![Act::Send(answer(200, "", path.as_bytes()))]
    })
    .await;
    let mut rig = Rig::at(&server.url());
    rig.limits.longest_backoff = Duration::from_millis(20);
    rig.options.faults =
        Some(Faults::parse("throttle=0.3,error=0.05,truncate=0.02,reorder=0.2,seed=1").unwrap());
    let run = || async {
        let session = rig.connect();
        let all = (0..100).map(|n| {
            let line = session.scope("s");
            async move { said(&line.send(get(&format!("https://api.acme.com/v1/{n}"))).await) }
        });
        let answers = futures_util::future::join_all(all).await;
        for (n, answer) in answers.iter().enumerate() {
            assert_eq!(*answer, format!("200 /v1/{n}"));
        }
        session.spent()
    };
    let (one, two) = (run().await, run().await);
    assert!(one.throttled > 20 && one.retries > one.throttled, "{one:?}");
    assert_eq!((one.calls, one.retries, one.throttled), (two.calls, two.retries, two.throttled));
}
