use super::*;
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::pkcs8::EncodePublicKey;
use proptest::prelude::*;

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

fn pem(key: &SigningKey) -> String {
    p256::PublicKey::from(*key.verifying_key()).to_public_key_pem(Default::default()).unwrap()
}

/// A bundle over one file, signed by `key` as it claims to be of `kind`.
fn bundle(kind: &str, digest: &str, key: &SigningKey) -> String {
    let all = sha256(&unhex(digest).unwrap());
    let statement = serde_json::json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "model", "digest": { "sha256": all } }],
        "predicateType": PREDICATE,
        "predicate": {
            "resources": [{ "name": "a.bin", "algorithm": "sha256", "digest": digest }],
            "serialization": { "ignore_paths": [".git"] },
        },
    });
    let payload = statement.to_string();
    let signed = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
    let signature: p256::ecdsa::Signature = key.sign_prehash(&Sha256::digest(signed.as_bytes())).unwrap();
    serde_json::json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": { "publicKey": { "hint": "00" } },
        "dsseEnvelope": {
            "payload": STANDARD.encode(payload),
            "payloadType": kind,
            "signatures": [{ "sig": STANDARD.encode(signature.to_der().as_bytes()) }],
        },
    })
    .to_string()
}

#[test]
fn signatures() {
    let digest = sha256(b"weights");
    let text = bundle(STATEMENT, &digest, &key());
    let good = read(&text).unwrap();
    assert_eq!((good.subject.as_str(), &good.wrong, &good.unchecked), ("model", &None, &None));
    assert_eq!(good.resources, [("a.bin".to_owned(), digest.clone())]);
    assert!(matches!(signer(&good, &[&pem(&key())]), Signer::Key(_)));
    let other = SigningKey::from_slice(&[8; 32]).unwrap();
    assert!(matches!(signer(&good, &[&pem(&other)]), Signer::Nobody(_)));
    assert!(matches!(signer(&good, &[]), Signer::Unknown(_)));
    let edited = Bundle { signature: STANDARD.encode(b"nothing"), ..good.clone() };
    assert!(matches!(signer(&edited, &[&pem(&key())]), Signer::Nobody(_)));
    assert!(read(&bundle("application/json", &digest, &key())).unwrap().wrong.is_some());
    assert_eq!(read("{}"), None);
}

#[test]
fn what_a_signature_covers() {
    let bundle = read(&bundle(STATEMENT, &sha256(b"x"), &key())).unwrap();
    for (name, is_covered) in [("a.bin", true), (".git/config", true), (".gitx", false), ("b.bin", false)] {
        assert_eq!(bundle.covers(name), is_covered, "{name}");
    }
}

#[test]
fn edited_statements_have_other_digests() {
    let good = bundle(STATEMENT, &sha256(b"x"), &key());
    let mut json: Json = serde_json::from_str(&good).unwrap();
    let payload = STANDARD.decode(json["dsseEnvelope"]["payload"].as_str().unwrap()).unwrap();
    let edited = String::from_utf8(payload).unwrap().replace("a.bin", "b.bin");
    json["dsseEnvelope"]["payload"] = STANDARD.encode(edited).into();
    let read = read(&json.to_string()).unwrap();
    assert!(matches!(signer(&read, &[&pem(&key())]), Signer::Nobody(_)));
}

proptest! {
    #[test]
    fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = bundle(STATEMENT, &sha256(b"x"), &key()).into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        if let Some(bundle) = std::str::from_utf8(&text).ok().and_then(read) {
            signer(&bundle, &[&pem(&key()), "-----BEGIN CERTIFICATE-----"]);
        }
    }

    #[test]
    fn certificates_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let bundle = Bundle { chain: vec![STANDARD.encode(&bytes)], ..Bundle::default() };
        signer(&bundle, &["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]);
    }
}
