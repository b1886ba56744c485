//! How long things are held: fetched once, renewed in time, kept while they work, failures not hammered.

use crate::bench::{Direct, Nowhere, Server, authorization, credential, private, secrets, signed};
use inventar_broker::{Credential, Problem, Surroundings};
use inventar_model::CredentialKind::{Bearer, OAuth2};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// A clock that the test moves.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn surroundings(&self) -> Surroundings {
        let clock = self.clone();
        Surroundings::with([("SECRET", "s3cret")]).at(move || {
            Timestamp::UNIX_EPOCH
                + SignedDuration::from_hours(1)
                + SignedDuration::from_secs(clock.0.load(Ordering::SeqCst))
        })
    }
}

/// A token service that gives `token-1`, `token-2` … for 1000 s each, or fails while it is down.
async fn service(down: Arc<AtomicU32>) -> Server {
    let count = AtomicU32::new(0);
    Server::start(move |_| match down.load(Ordering::SeqCst) {
        0 => {
            let n = count.fetch_add(1, Ordering::SeqCst) + 1;
            (200, format!(r#"{{"access_token":"token-{n}","token_type":"bearer","expires_in":1000}}"#))
        }
        _ => (400, r#"{"error":"invalid_client"}"#.into()),
    })
    .await
}

fn client(server: &Server, clock: &Clock) -> Credential {
    let options = [("token-url", server.address.as_str()), ("client-id", "me")];
    credential(OAuth2, "env:SECRET", &options, clock.surroundings()).unwrap()
}

#[tokio::test]
async fn one_fetch_for_many_requests() {
    let server = service(Arc::default()).await;
    let credential = client(&server, &Clock::default());
    let all = futures_util::future::join_all((0..50).map(|_| authorization(&credential, &Direct))).await;
    assert!(all.iter().all(|value| value == "Bearer token-1"));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn renewed_shortly_before_the_end() {
    let (server, clock) = (service(Arc::default()).await, Clock::default());
    let credential = client(&server, &clock);
    for (forward, expected) in
        [(0, "token-1"), (799, "token-1"), (1, "token-2"), (790, "token-2"), (2000, "token-3")]
    {
        clock.forward(forward);
        assert_eq!(
            authorization(&credential, &Direct).await,
            format!("Bearer {expected}"),
            "after {forward}"
        );
    }
    let known = secrets(&credential);
    for secret in ["s3cret", "token-1", "token-2", "token-3"] {
        assert!(known.iter().any(|known| known == secret), "{secret} is still looked for");
    }
}

#[tokio::test]
async fn kept_while_it_works_when_it_cannot_be_renewed() {
    let (down, clock) = (Arc::new(AtomicU32::new(0)), Clock::default());
    let server = service(Arc::clone(&down)).await;
    let credential = client(&server, &clock);
    authorization(&credential, &Direct).await;
    down.store(1, Ordering::SeqCst);
    clock.forward(900);
    assert_eq!(authorization(&credential, &Direct).await, "Bearer token-1", "it lives for 100 s more");
    assert_eq!(authorization(&credential, &Direct).await, "Bearer token-1");
    assert_eq!(server.asked().len(), 2, "and is not renewed by every request");
    clock.forward(101);
    assert_eq!(signed(&credential, &Direct).await.unwrap_err().problem(), Problem::Refused);
    down.store(0, Ordering::SeqCst);
    clock.forward(5);
    assert_eq!(authorization(&credential, &Direct).await, "Bearer token-2");
}

#[tokio::test]
async fn a_failure_is_an_answer_for_a_moment() {
    let (down, clock) = (Arc::new(AtomicU32::new(1)), Clock::default());
    let server = service(Arc::clone(&down)).await;
    let credential = client(&server, &clock);
    let all = futures_util::future::join_all((0..20).map(|_| signed(&credential, &Direct))).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(server.asked().len(), 1);
    clock.forward(6);
    down.store(0, Ordering::SeqCst);
    assert_eq!(authorization(&credential, &Direct).await, "Bearer token-1");
}

#[tokio::test]
async fn fetched_again_when_the_service_refused_it() {
    let (server, clock) = (service(Arc::default()).await, Clock::default());
    let credential = client(&server, &clock);
    authorization(&credential, &Direct).await;
    credential.refresh();
    assert_eq!(
        authorization(&credential, &Direct).await,
        "Bearer token-1",
        "it was new: another is no better"
    );
    clock.forward(10);
    credential.refresh();
    credential.refresh();
    assert_eq!(authorization(&credential, &Direct).await, "Bearer token-2");
    credential.refresh();
    assert_eq!(authorization(&credential, &Direct).await, "Bearer token-2");
}

#[tokio::test]
async fn a_busy_token_service_is_asked_again() {
    let count = AtomicU32::new(0);
    let server = Server::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => (503, String::new()),
        _ => (200, r#"{"access_token":"late","expires_in":"60"}"#.into()),
    })
    .await;
    assert_eq!(authorization(&client(&server, &Clock::default()), &Direct).await, "Bearer late");
}

#[tokio::test]
async fn a_file_is_read_again_after_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let (path, clock) = (folder.path().join("token"), Clock::default());
    let reference = format!("file:{}", private(&path, "one"));
    let credential = credential(Bearer, &reference, &[], clock.surroundings()).unwrap();
    assert_eq!(authorization(&credential, &Nowhere).await, "Bearer one");
    private(&path, "two");
    assert_eq!(authorization(&credential, &Nowhere).await, "Bearer one");
    clock.forward(60);
    assert_eq!(authorization(&credential, &Nowhere).await, "Bearer two");
}
