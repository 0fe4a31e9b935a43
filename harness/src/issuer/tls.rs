//! The certificates of our issuers: honest ones, and one for each way in which a certificate is wrong.
//!
//! The authority is made once in a process, and its key never leaves it.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::timeline::TlsFault;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use tempfile::NamedTempFile;
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer},
    server::NoServerSessionStorage,
    version::{TLS12, TLS13},
};

use super::headers::machine_time;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What an issuer is reached by.
const OUR_NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// Our authority, and what our servers show.
#[derive(Debug)]
pub(super) struct Authority {
    pem: String,
    honest: Arc<ServerConfig>,
    wrong_name: Arc<ServerConfig>,
    expired: Arc<ServerConfig>,
    not_yet_valid: Arc<ServerConfig>,
    self_signed: Arc<ServerConfig>,
    unknown_authority: Arc<ServerConfig>,
    no_authority: Arc<ServerConfig>,
}

/// The certificate of the authority that our issuers' certificates are of, in PEM.
///
/// # Errors
/// Those of making it, which happens once in a process.
pub fn ca_pem() -> io::Result<String> {
    Ok(Authority::shared()?.pem.clone())
}

/// How its files are named, between which stands something random.
const PREFIX: &str = "gauntlet-ca-";
const SUFFIX: &str = ".pem";

/// A file with [`ca_pem`], for verifiers that read whom they trust from one: what `{ca_file}` stands for.
///
/// All that are open at once are one file, and it goes with the last of them: hold one as long as verifiers
/// may read it.
#[derive(Debug, Clone)]
pub struct CaFile(Arc<NamedTempFile>);

impl CaFile {
    /// Writes the file, unless there is one already, into the temporary folder.
    ///
    /// # Errors
    /// Those of [`ca_pem`] and of the file.
    pub fn open() -> io::Result<Self> {
        Self::open_in(&std::env::temp_dir())
    }

    /// Writes the file, unless there is one already, into this folder: what is left of a process that is
    /// killed lies there.
    ///
    /// # Errors
    /// Those of [`ca_pem`] and of the file.
    pub fn open_in(folder: &Path) -> io::Result<Self> {
        static OPEN: Mutex<Weak<NamedTempFile>> = Mutex::new(Weak::new());
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.upgrade() {
            return Ok(Self(file));
        }
        let mut file =
            tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?;
        file.write_all(ca_pem()?.as_bytes())?;
        file.flush()?;
        let file = Arc::new(file);
        *open = Arc::downgrade(&file);
        Ok(Self(file))
    }

    /// Whether a file of this name is one of them, perhaps of a process that was killed.
    #[must_use]
    pub fn is_named(name: &str) -> bool {
        name.starts_with(PREFIX) && name.ends_with(SUFFIX)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Authority {
    /// The authority of this process, made when it is first asked for.
    ///
    /// # Errors
    /// Those of making it; they are the same for everybody who asks.
    pub(super) fn shared() -> io::Result<&'static Self> {
        static SHARED: OnceLock<Result<Authority, String>> = OnceLock::new();
        let made = SHARED.get_or_init(|| Self::new().map_err(|error| error.to_string()));
        made.as_ref().map_err(|error| io::Error::other(format!("make certificates: {error}")))
    }

    /// What a server shows that goes wrong like this; nothing where it speaks no TLS.
    pub(super) fn config(&self, fault: Option<TlsFault>) -> Option<Arc<ServerConfig>> {
        let config = match fault {
            None => &self.honest,
            Some(TlsFault::WrongName) => &self.wrong_name,
            Some(TlsFault::Expired) => &self.expired,
            Some(TlsFault::NotYetValid) => &self.not_yet_valid,
            Some(TlsFault::SelfSigned) => &self.self_signed,
            Some(TlsFault::UnknownAuthority) => &self.unknown_authority,
            Some(TlsFault::NoAuthority) => &self.no_authority,
            Some(TlsFault::Plain) => return None,
        };
        Some(Arc::clone(config))
    }

    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let ours = Signer::authority("gauntlet test authority")?;
        let unknown = Signer::authority("gauntlet authority that nobody trusts")?;
        let serve = |params: &CertificateParams, signer: &Signer| {
            let key = KeyPair::generate()?;
            let certificate = params.signed_by(&key, &signer.issuer())?;
            config(&provider, vec![certificate.der().clone()], &key)
        };
        let honest = server(&OUR_NAMES, Validity::Now)?;

        let own_key = KeyPair::generate()?;
        let own = honest.self_signed(&own_key)?.der().clone();

        // The certificate of an honest server, which says that it is no authority, signs another.
        let server_key = KeyPair::generate()?;
        let server_certificate = honest.signed_by(&server_key, &ours.issuer())?;
        let false_authority =
            Signer { params: honest.clone(), key: server_key, certificate: server_certificate };
        let mut signed = server(&OUR_NAMES, Validity::Now)?;
        signed.distinguished_name.push(DnType::OrganizationName, "of a server");
        let signed_key = KeyPair::generate()?;
        let signed = signed.signed_by(&signed_key, &false_authority.issuer())?.der().clone();
        let chain = vec![signed, false_authority.certificate.der().clone()];

        // The unknown authority comes along, as a server's administrator would have set it up.
        let stranger_key = KeyPair::generate()?;
        let stranger = honest.signed_by(&stranger_key, &unknown.issuer())?.der().clone();
        let strangers = vec![stranger, unknown.certificate.der().clone()];

        Ok(Self {
            pem: pem(ours.certificate.der()),
            honest: serve(&honest, &ours)?,
            wrong_name: serve(&server(&["wrong.test"], Validity::Now)?, &ours)?,
            expired: serve(&server(&OUR_NAMES, Validity::Past)?, &ours)?,
            not_yet_valid: serve(&server(&OUR_NAMES, Validity::Future)?, &ours)?,
            self_signed: config(&provider, vec![own], &own_key)?,
            unknown_authority: config(&provider, strangers, &stranger_key)?,
            no_authority: config(&provider, chain, &signed_key)?,
        })
    }
}

/// A certificate that signs others, whether it may or not.
struct Signer {
    params: CertificateParams,
    key: KeyPair,
    certificate: Certificate,
}

impl Signer {
    fn authority(name: &str) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = (machine_time() - 400 * DAY).into();
        params.not_after = (machine_time() + 3650 * DAY).into();
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Self { params, key, certificate })
    }

    fn issuer(&self) -> rcgen::Issuer<'_, &KeyPair> {
        rcgen::Issuer::from_params(&self.params, &self.key)
    }
}

/// When a certificate holds.
///
/// From the machine's time, which is a TLS library's. The margins are wider than libfaketime moves a clock
/// in any scenario, and no certificate holds for more than the 398 days that some clients insist on.
#[derive(Debug, Clone, Copy)]
enum Validity {
    Past,
    Now,
    Future,
}

/// The certificate of a server with these names, as the strictest of clients wants one.
fn server(names: &[&str], validity: Validity) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = named("gauntlet test issuer");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let now = machine_time();
    let (from, to) = match validity {
        Validity::Past => (now - 300 * DAY, now - 30 * DAY),
        Validity::Now => (now - 30 * DAY, now + 300 * DAY),
        Validity::Future => (now + 300 * DAY, now + 600 * DAY),
    };
    (params.not_before, params.not_after) = (from.into(), to.into());
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

fn config(
    provider: &Arc<CryptoProvider>,
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
) -> Result<Arc<ServerConfig>, Box<dyn std::error::Error>> {
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let mut config = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // A session that is taken up again shows no certificate, and a fault would go unseen.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// RFC 7468 §5.1.
fn pem(certificate: &CertificateDer<'_>) -> String {
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for (n, letter) in STANDARD.encode(certificate).chars().enumerate() {
        if n > 0 && n % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str("\n-----END CERTIFICATE-----\n");
    pem
}
