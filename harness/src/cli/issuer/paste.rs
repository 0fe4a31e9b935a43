//! What a service is told, so that it fetches its keys here.

use std::fmt::Write;

use anyhow::bail;

use super::{super::console::Palette, session::Session, words::quoted};

/// How a service is configured.
struct Snippet {
    word: &'static str,
    what: &'static str,
    needs_tls: bool,
    write: fn(&Session<'_>) -> String,
}

/// Only options whose names are sure.
const SNIPPETS: &[Snippet] = &[
    Snippet {
        word: "env",
        what: "environment, for services of your own",
        needs_tls: false,
        write: environment,
    },
    Snippet {
        word: "spring",
        what: "Spring Boot, application.properties",
        needs_tls: false,
        write: spring,
    },
    Snippet {
        word: "envoy",
        what: "Envoy, jwt_authn and its cluster",
        needs_tls: false,
        write: envoy,
    },
    Snippet {
        word: "oauth2-proxy",
        what: "oauth2-proxy, options",
        needs_tls: false,
        write: oauth2_proxy,
    },
    Snippet {
        word: "kubernetes",
        what: "kube-apiserver, options; it needs --tls",
        needs_tls: true,
        write: kubernetes,
    },
];

/// Where everything is.
pub(super) fn summary(session: &Session<'_>) -> String {
    let head = Palette::HEAD;
    let [openid, oauth] = session.metadata_urls();
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        // A text takes what is written to it.
        let _ = writeln!(text, "{head}{name:<12}{head:#} {value}");
    };
    row("issuer", &session.name);
    row("jwks_uri", &session.jwks_uri());
    row("metadata", &openid);
    row("", &oauth);
    row("audience", &session.audience);
    row("algorithms", &session.algorithms.join(", "));
    row("keys", &session.key_names());
    if let Some(file) = &session.ca_file {
        row("CA file", file);
        row("", "it goes when the issuer ends, and holds for this run of the issuer only");
        row("trust it", &format!("curl --cacert {file}"));
        row(
            "",
            &format!("SSL_CERT_FILE={file}         OpenSSL, Python's ssl, Go, rustls-native-certs"),
        );
        row("", &format!("NODE_EXTRA_CA_CERTS={file}   Node.js"));
        row("", &format!("REQUESTS_CA_BUNDLE={file}    Python's requests"));
        row(
            "",
            &format!(
                "keytool -importcert -noprompt -alias gauntlet -file {file} -keystore gauntlet.p12 -storepass changeit"
            ),
        );
        row(
            "",
            "java -Djavax.net.ssl.trustStore=gauntlet.p12 -Djavax.net.ssl.trustStorePassword=changeit",
        );
    }
    text
}

/// The warning that nobody may miss.
pub(super) fn warning() -> String {
    let odd = Palette::ODD;
    format!(
        "{odd}warning:{odd:#} everybody knows the private keys of this issuer: they are the harness's fixed test \
         keys.\n         Use it for tests only, and trust it nowhere else.\n"
    )
}

/// All snippets, or the one of this name.
pub(super) fn snippets(session: &Session<'_>, word: &str) -> anyhow::Result<String> {
    let head = Palette::HEAD;
    let mut text = String::new();
    let is_wanted = |snippet: &&Snippet| match word {
        "" => session.is_tls || !snippet.needs_tls,
        word => snippet.word == word,
    };
    for snippet in SNIPPETS.iter().filter(is_wanted) {
        let _ = writeln!(text, "{head}{}{head:#} ({})", snippet.word, snippet.what);
        for line in (snippet.write)(session).lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    if text.is_empty() {
        let all: Vec<_> = SNIPPETS.iter().map(|snippet| snippet.word).collect();
        bail!("there is nothing to paste for {}; expected one of {}", quoted(word), all.join(", "));
    }
    Ok(text)
}

fn environment(session: &Session<'_>) -> String {
    let mut text = format!(
        "ISSUER={}\nJWKS_URI={}\nAUDIENCE={}\nALGORITHMS={}\n",
        session.name,
        session.jwks_uri(),
        session.audience,
        session.algorithms.join(",")
    );
    if let Some(file) = &session.ca_file {
        let _ = writeln!(text, "SSL_CERT_FILE={file}");
    }
    text
}

fn spring(session: &Session<'_>) -> String {
    let property = |name: &str, value: &str| {
        format!("spring.security.oauth2.resourceserver.jwt.{name}={value}\n")
    };
    let mut text = property("issuer-uri", &session.name);
    text.push_str(&property("audiences", &session.audience));
    text.push_str("# without discovery, these as well:\n");
    text.push_str(&property("jwk-set-uri", &session.jwks_uri()));
    text.push_str(&property("jws-algorithms", &session.algorithms.join(",")));
    text
}

fn envoy(session: &Session<'_>) -> String {
    let (name, jwks_uri) = (&session.name, session.jwks_uri());
    let port = session.port();
    let audience = &session.audience;
    let mut text = format!(
        r#"http_filters:
- name: envoy.filters.http.jwt_authn
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
    providers:
      gauntlet:
        issuer: "{name}"
        audiences: ["{audience}"]
        remote_jwks:
          http_uri: {{ uri: "{jwks_uri}", cluster: gauntlet, timeout: 1s }}
    rules:
    - match: {{ prefix: "/" }}
      requires: {{ provider_name: gauntlet }}
clusters:
- name: gauntlet
  type: STATIC
  load_assignment:
    cluster_name: gauntlet
    endpoints:
    - lb_endpoints:
      - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}
"#
    );
    if let Some(file) = &session.ca_file {
        let _ = writeln!(
            text,
            r#"  transport_socket:
    name: envoy.transport_sockets.tls
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      common_tls_context:
        validation_context: {{ trusted_ca: {{ filename: "{file}" }} }}"#
        );
    }
    text
}

fn oauth2_proxy(session: &Session<'_>) -> String {
    format!(
        "--skip-jwt-bearer-tokens=true\n--extra-jwt-issuers={}={}\n",
        session.name, session.audience
    )
}

fn kubernetes(session: &Session<'_>) -> String {
    let Some(file) = &session.ca_file else {
        return "# kube-apiserver takes no issuer without TLS: start with --tls\n".to_owned();
    };
    format!(
        "--oidc-issuer-url={}\n--oidc-client-id={}\n--oidc-signing-algs={}\n--oidc-ca-file={file}\n",
        session.name,
        session.audience,
        session.algorithms.join(",")
    )
}
