//! Whether a signature is that of a key, or of a certificate that a root vouches for.

use super::{Bundle, hex, unhex};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256, Sha384};
use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem, Encode};

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// The key with that SHA-256.
    Key(String),
    /// The subject of a certificate, and of the root that vouches for it.
    Certificate(String, String),
    /// No key at hand, or a kind of key that is not known here.
    Unknown(String),
    /// None of the keys at hand: why.
    Nobody(String),
}

/// Who signed a bundle, given texts in PEM: keys and roots.
pub fn signer(bundle: &Bundle, pems: &[&str]) -> Signer {
    let Ok(signature) = STANDARD.decode(&bundle.signature) else {
        return Signer::Nobody("the signature is no base64".to_owned());
    };
    if bundle.chain.is_empty() {
        by_key(bundle, &signature, pems)
    } else {
        by_chain(bundle, &signature, pems)
    }
}

fn by_key(bundle: &Bundle, signature: &[u8], pems: &[&str]) -> Signer {
    let keys: Vec<Key> = pems.iter().filter_map(|pem| Key::of_pem(pem)).collect();
    if keys.is_empty() {
        return Signer::Unknown("there is no public key to check it with".to_owned());
    }
    for key in &keys {
        if key.verifies(bundle, signature) {
            return Signer::Key(key.fingerprint.clone());
        }
    }
    Signer::Nobody("the signature is not that of the key at hand".to_owned())
}

fn by_chain(bundle: &Bundle, signature: &[u8], pems: &[&str]) -> Signer {
    let chain: Option<Vec<Certificate>> =
        bundle.chain.iter().map(|text| Certificate::from_der(&STANDARD.decode(text).ok()?).ok()).collect();
    let Some(chain) = chain else { return Signer::Nobody("a certificate is broken".to_owned()) };
    let roots: Vec<Certificate> =
        pems.iter().filter_map(|pem| Certificate::from_pem(pem.trim()).ok()).collect();
    if roots.is_empty() {
        return Signer::Unknown("there is no root certificate to check it with".to_owned());
    }
    let Some((leaf, above)) = chain.split_first() else {
        return Signer::Nobody("there is no certificate".to_owned());
    };
    let Some(key) = Key::of_certificate(leaf) else {
        return Signer::Unknown("the certificate's key is of a kind that is not known here".to_owned());
    };
    if !key.verifies(bundle, signature) {
        return Signer::Nobody("the signature is not that of the certificate".to_owned());
    }
    // Upwards, until a root that is trusted vouches for what we have.
    let mut at = leaf;
    for next in above.iter().map(Some).chain([None]) {
        if let Some(root) = roots.iter().find(|root| *root == at || vouches(root, at)) {
            return Signer::Certificate(name(leaf), name(root));
        }
        match next {
            Some(issuer) if vouches(issuer, at) => at = issuer,
            _ => break,
        }
    }
    Signer::Nobody("no root at hand vouches for the certificate".to_owned())
}

fn name(certificate: &Certificate) -> String {
    certificate.tbs_certificate().subject().to_string()
}

/// Whether a certificate of an authority signed another.
fn vouches(issuer: &Certificate, certificate: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate();
    let is_authority = issuer
        .tbs_certificate()
        .get_extension::<x509_cert::ext::pkix::BasicConstraints>()
        .is_ok_and(|found| found.is_some_and(|(_, constraints)| constraints.ca));
    if !is_authority || tbs.issuer() != issuer.tbs_certificate().subject() {
        return false;
    }
    let (Some(key), Ok(signed)) = (Key::of_certificate(issuer), tbs.to_der()) else { return false };
    let digest = match certificate.signature_algorithm().oid.to_string().as_str() {
        "1.2.840.10045.4.3.2" => Sha256::digest(&signed).to_vec(),
        "1.2.840.10045.4.3.3" => Sha384::digest(&signed).to_vec(),
        _ => return false,
    };
    key.verifies_digest(&digest, certificate.signature().raw_bytes())
}

struct Key {
    kind: Kind,
    /// SHA-256 of the key's PEM, as the bundle hints at it, or of its DER.
    fingerprint: String,
}

enum Kind {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
}

impl Key {
    fn of_pem(pem: &str) -> Option<Self> {
        let fingerprint = super::sha256(pem.as_bytes());
        let pem = pem.trim();
        let p256 = p256::ecdsa::VerifyingKey::from_public_key_pem(pem).map(Kind::P256);
        let kind =
            p256.or_else(|_| p384::ecdsa::VerifyingKey::from_public_key_pem(pem).map(Kind::P384)).ok()?;
        Some(Self { kind, fingerprint })
    }

    fn of_certificate(certificate: &Certificate) -> Option<Self> {
        let der = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
        let p256 = p256::ecdsa::VerifyingKey::from_public_key_der(&der).map(Kind::P256);
        let kind =
            p256.or_else(|_| p384::ecdsa::VerifyingKey::from_public_key_der(&der).map(Kind::P384)).ok()?;
        Some(Self { kind, fingerprint: hex(&Sha256::digest(&der)) })
    }

    fn verifies(&self, bundle: &Bundle, signature: &[u8]) -> bool {
        let digest = match self.kind {
            Kind::P256(_) => unhex(&bundle.digests[0]),
            Kind::P384(_) => unhex_any(&bundle.digests[1]),
        };
        digest.is_some_and(|digest| self.verifies_digest(&digest, signature))
    }

    fn verifies_digest(&self, digest: &[u8], signature: &[u8]) -> bool {
        match &self.kind {
            Kind::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
            Kind::P384(key) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
        }
    }
}

fn unhex_any(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(&pair[0])? << 4 | digit(&pair[1])?)).collect()
}
