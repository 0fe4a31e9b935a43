//! TLS, and the ways in which clients believe a certificate that proves nothing.

use std::{fs, net::TcpStream, sync::Arc, time::Duration};

use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme, StreamOwned,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{
        WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
    },
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};

use super::wire::Stream;

/// What is asked of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// All that is due.
    Full,
    /// That somebody signed it for whomever.
    AnyName,
    /// That it has the name.
    NameOnly,
    /// All but its dates.
    AnyTime,
    /// All, unless it signed itself.
    SelfSigned,
    /// All, but the authority may come along.
    Brought,
    /// All, but whoever has a certificate is an authority.
    AnyAuthority,
    /// Nothing.
    Blind,
}

pub(super) fn connect(
    tcp: TcpStream,
    host: &str,
    ca_file: Option<&str>,
    trust: Trust,
) -> Result<StreamOwned<ClientConnection, TcpStream>, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca_file {
        let pem = fs::read(path).map_err(|error| error.to_string())?;
        let (_, _) =
            roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
    }
    let algorithms = provider.signature_verification_algorithms;
    let full = (!roots.is_empty()).then(|| {
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
    });
    let full = full.and_then(|builder| builder.build().ok());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Believing { trust, full, algorithms }))
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let connection =
        ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())?;
    Ok(StreamOwned::new(connection, tcp))
}

impl Stream for StreamOwned<ClientConnection, TcpStream> {
    fn wait_for(&mut self, longest: Duration) {
        self.sock.wait_for(longest);
    }

    fn end(&mut self) {
        self.sock.end();
    }
}

#[derive(Debug)]
struct Believing {
    trust: Trust,
    full: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Believing {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let named = || verify_server_name(&ParsedCertificate::try_from(certificate)?, name);
        let full = match &self.full {
            Some(full) => full.verify_server_cert(certificate, others, name, ocsp, now),
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        };
        let Err(Error::InvalidCertificate(why)) = &full else {
            return full;
        };
        let is_believed = match self.trust {
            Trust::Full => false,
            Trust::AnyName => matches!(
                why,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
            ),
            Trust::NameOnly => named().is_ok(),
            Trust::AnyTime => matches!(
                why,
                CertificateError::Expired
                    | CertificateError::ExpiredContext { .. }
                    | CertificateError::NotValidYet
                    | CertificateError::NotValidYetContext { .. }
            ),
            // Whoever comes alone is his own authority.
            Trust::SelfSigned => others.is_empty() && *why == CertificateError::UnknownIssuer,
            // Whoever brings an authority has one.
            Trust::Brought => !others.is_empty() && *why == CertificateError::UnknownIssuer,
            Trust::AnyAuthority => others.iter().any(|other| {
                let full = self.full.as_ref();
                full.is_some_and(|full| {
                    full.verify_server_cert(other, &[], name, ocsp, now).is_ok()
                })
            }),
            Trust::Blind => true,
        };
        if is_believed { Ok(ServerCertVerified::assertion()) } else { full }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
