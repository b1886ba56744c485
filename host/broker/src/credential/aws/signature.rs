//! AWS Signature Version 4 over the final request.

use super::Keys;
use crate::credential::fault::Fault;
use crate::credential::{SignFor, set_header};
use crate::message::Outgoing;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use std::time::SystemTime;

const USUAL_REGION: &str = "us-east-1";

/// Signs the host, the type of the body and what begins with `x-amz-`: a transport may add to the rest.
pub(in crate::credential) fn sign(
    keys: &Keys,
    request: &mut Outgoing,
    what: &SignFor<'_>,
    now: Timestamp,
) -> Result<(), Fault> {
    request.headers.retain(|(name, _)| {
        !["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]
            .contains(&name.as_str())
    });
    let failed = |()| Fault::malformed("the request cannot be signed", "report it with the service's name");
    let session = keys.session.as_ref().map(|token| token.expose_secret().to_owned());
    let identity =
        Credentials::new(keys.id.as_str(), keys.secret.expose_secret(), session, None, "inventar").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(what.region.unwrap_or(USUAL_REGION))
        .name(what.service)
        .time(SystemTime::from(now))
        .settings(settings(what.service))
        .build()
        .map_err(|_| failed(()))?;
    let signed =
        request.headers.iter().filter(|(name, _)| name == "content-type" || name.starts_with("x-amz-"));
    let signable = SignableRequest::new(
        request.method.as_str(),
        request.url.as_str(),
        signed.map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(&request.body),
    )
    .map_err(|_| failed(()))?;
    let (instructions, _) =
        aws_sigv4::http_request::sign(signable, &params.into()).map_err(|_| failed(()))?.into_parts();
    let (headers, _) = instructions.into_parts();
    for header in headers {
        set_header(&mut request.headers, &header.name().to_ascii_lowercase(), header.value());
    }
    Ok(())
}

/// S3 takes paths as they are and wants the digest of the body in a header.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if matches!(service, "s3" | "s3-outposts" | "s3-object-lambda" | "s3express") {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}
