//! Answers that are too large, too slow, or none.

use crate::rig::{Act, Rig, Server, answer, get, said, signed};
use inventar_model::HttpRequest;
use std::io::Write;
use std::time::Duration;

const URL: &str = "https://api.acme.com/v1/a";

/// What is said of a server that does this; it does more than anybody would wait for.
async fn check(acts: Vec<Act>, expected: &str) {
    let server = Server::start(move |_, _| acts.clone()).await;
    let mut rig = Rig::at(&server.url());
    rig.limits.failed_tries = 1;
    let line = rig.line();
    let outcome = said(&line.send(get(URL)).await);
    assert!(outcome.starts_with(expected), "{} instead of {expected}", &outcome[..outcome.len().min(200)]);
    // Piecewise, no answer may come further.
    let mut read = 0;
    match line.open(get(URL)).await {
        Err(_) => {}
        Ok(mut opened) => {
            while let Ok(Some(piece)) = opened.body.read(1 << 20).await {
                read += piece.len();
            }
        }
    }
    assert!(read as u64 <= rig.limits.stream_bytes + (1 << 20), "{read}");
}

fn head(headers: &str) -> Act {
    Act::Send(format!("HTTP/1.1 200 X\r\nconnection: close\r\n{headers}\r\n").into_bytes())
}

fn gzip(bytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    encoder.write_all(&vec![0; bytes]).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn slow_drips_end() {
    let byte = || Act::Drip(b"abcdefghijklmnopqrstuvwxyz".repeat(40), Duration::from_millis(50));
    check(vec![Act::Send(b"HTTP/1.1 200 X\r\nx-a: ".to_vec()), byte()], "timed-out").await;
    check(vec![head(""), byte()], "timed-out").await;
    let slow = Act::Drip(b"abc".to_vec(), Duration::from_millis(900));
    check(vec![head("content-length: 3\r\n"), slow], "timed-out").await;
}

#[tokio::test]
async fn silence_ends() {
    check(vec![Act::Hang], "timed-out").await;
    check(vec![head("content-length: 9\r\n"), Act::Hang], "timed-out").await;
    check(vec![head("content-length: 9\r\n"), Act::Send(b"half".to_vec())], "other: the connection ended")
        .await;
    check(vec![], "other: the connection ended").await;
}

#[tokio::test]
async fn endless_bodies_end() {
    check(vec![head(""), Act::Endless(vec![b'a'; 16 << 10])], "too-large 1048576").await;
    check(vec![head("content-length: 99999999\r\n"), Act::Hang], "too-large 1048576").await;
    let chunk = [b"4000\r\n".as_slice(), &[b'a'; 0x4000], b"\r\n"].concat();
    check(vec![head("transfer-encoding: chunked\r\n"), Act::Endless(chunk)], "too-large 1048576").await;
}

#[tokio::test]
async fn bombs_do_not_go_off() {
    let bomb = gzip(64 << 20);
    assert!(bomb.len() < 100_000);
    let length = format!("content-encoding: gzip\r\ncontent-length: {}\r\n", bomb.len());
    check(vec![head(&length), Act::Send(bomb.clone())], "too-large").await;
    check(vec![head("content-encoding: gzip\r\n"), Act::Endless(bomb)], "too-large").await;
    check(vec![head("content-encoding: br\r\n"), Act::Send(b"x".to_vec())], "other: the answer is encoded")
        .await;
    check(vec![head("content-encoding: gzip\r\n"), Act::Send(b"no gzip".to_vec())], "other: the compressed")
        .await;
}

#[tokio::test]
async fn headers_end() {
    let large = format!("x-a: {}\r\n", "a".repeat(10 << 20));
    check(vec![head(&large)], "too-large 65536").await;
    let some = format!("x-a: {}\r\n", "a".repeat(100 << 10));
    check(vec![head(&some)], "too-large 65536").await;
    let line = b"x-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".to_vec();
    check(vec![Act::Send(b"HTTP/1.1 200 X\r\n".to_vec()), Act::Endless(line)], "").await;
    let many = (0..200).map(|n| format!("x-{n}: a\r\n")).collect::<String>();
    let server = Server::start(move |_, _| vec![head(&many)]).await;
    let mut rig = Rig::at(&server.url());
    rig.limits.failed_tries = 1;
    assert!(rig.line().send(get(URL)).await.is_err(), "more than 100 headers");
}

#[tokio::test]
async fn what_is_no_http_is_no_answer() {
    for text in ["SSH-2.0-x\r\n", "HTTP/9.9 200 X\r\n\r\n", "HTTP/1.1 2 X\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
        check(vec![Act::Send(text.into())], "other: the connection ended").await;
    }
    let both = "HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: 5\r\ncontent-length: 9\r\n\r\nhello";
    check(vec![Act::Send(both.into())], "other: the connection ended").await;
}

#[tokio::test]
async fn a_guest_may_only_shorten_the_time() {
    let server = Server::start(|_, _| vec![Act::Hang]).await;
    let mut rig = Rig::at(&server.url());
    rig.limits.failed_tries = 1;
    // The first two end by the shorter of two times, so before the third, which begins with them.
    let times = [(3000, Some(50)), (50, Some(3_600_000)), (3000, None)];
    let [guests, ours, longer] = times.map(|(first_byte, timeout_ms)| {
        rig.limits.first_byte = Duration::from_millis(first_byte);
        let line = rig.line();
        tokio::spawn(async move { said(&line.send(HttpRequest { timeout_ms, ..get(URL) }).await) })
    });
    assert_eq!(longer.await.unwrap(), "timed-out");
    for shorter in [guests, ours] {
        assert!(shorter.is_finished());
        assert_eq!(shorter.await.unwrap(), "timed-out");
    }
}

#[tokio::test]
async fn nobody_there() {
    let server = Server::fixed(200, "", "").await;
    let url = server.url();
    drop(server);
    tokio::task::yield_now().await;
    let line = Rig::at(&url).line();
    assert_eq!(said(&line.send(signed(URL)).await), "connect");
    assert_eq!(line.spent().calls, 4, "a connection is tried again");
}

#[tokio::test]
async fn one_session_that_takes_every_connection_stops_no_other() {
    let hanging = Server::start(|_, _| vec![Act::Hang]).await;
    let server = Server::fixed(200, "", "through").await;
    let mut rig = Rig::at(&hanging.url());
    rig.limits.concurrent = 4;
    rig.limits.failed_tries = 1;
    let greedy = rig.connect();
    let flood: Vec<_> = (0..50)
        .map(|_| {
            let line = greedy.scope("greedy");
            tokio::spawn(async move { line.send(get(URL)).await })
        })
        .collect();
    while hanging.requests().len() < 4 {
        assert!(!flood.iter().any(tokio::task::JoinHandle::is_finished));
        tokio::task::yield_now().await;
    }
    let other = Rig::at(&server.url()).line();
    assert_eq!(said(&other.send(signed(URL)).await), "200 through");
    assert!(hanging.requests().len() <= 4, "{}", hanging.requests().len());
    assert_eq!(greedy.live().in_flight, 4);
    flood.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn large_bodies_come_piecewise() {
    let body = b"0123456789abcdef".repeat(200_000);
    let sent = body.clone();
    let server = Server::start(move |_, _| vec![Act::Send(answer(200, "", &sent))]).await;
    let line = Rig::at(&server.url()).line();
    assert_eq!(said(&line.send(get(URL)).await), "too-large 1048576");
    let mut opened = line.open(get(URL)).await.unwrap();
    let mut got = vec![];
    while let Some(piece) = opened.body.read(100_000).await.unwrap() {
        assert!(!piece.is_empty() && piece.len() <= 100_000);
        got.extend(piece);
    }
    assert!(got == body);
    assert_eq!(opened.body.read(1).await, Ok(None));
    assert!(line.spent().bytes >= body.len() as u64);
}
