import com.google.api.client.auth.openidconnect.IdToken;
import com.google.api.client.auth.openidconnect.IdTokenVerifier;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.LowLevelHttpRequest;
import com.google.api.client.http.LowLevelHttpResponse;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * google-oauth-client's IdTokenVerifier behind the adapter protocol.
 *
 * The verifier fetches its set from `setCertificatesLocation`; where the set is given as text, an HttpTransport hands it
 * that text, so that reading and choosing keys stay the library's. It takes RS256 and ES256 whatever is configured, so
 * the caller compares `alg` (`allow_list`). Without `leeway_s` it allows 300 s. It demands `exp` and `iat`; other
 * required claims are looked up in the payload (`required_claims`). Keys of a set that name no `alg` fail the whole set;
 * most of the catalogue's sets are such. A refusal is `false`, its reason in the log. A set serves for an hour; the loader
 * makes its own requests, with their own 20 s, so that `timeout_ms` and `max_age_s` cannot be set.
 */
final class Adapter {
    static final String HELLO = "{'protocol':1,"
        + "'implementation':{'name':'google-oauth-client','version':'1.34.1','language':'Java " + Runtime.version().feature() + "'},"
        + "'features':['jwt','jwks','jwks_uri','multi_issuer','several','clock','concurrent'],'algorithms':['RS256','ES256'],"
        + "'adapter_does':['issuer_routing','allow_list','required_claims'],'declares':{'on_outage':'fail_closed'},"
        + "'defaults':{'leeway_s':300,'timeout_ms':20000,'max_age_s':3600,'cooldown_s':0,'max_stale_s':0}}";

    static final class Unsupported extends Exception {
        Unsupported(String member) {
            super(member);
        }
    }

    record Issuer(String name, IdTokenVerifier verifier, List<String> algorithms, List<String> required, long[] now) {
        static Issuer of(JsonObject entry, JsonObject policy) throws Exception {
            if (policy.has("token_type")) throw new Unsupported("token_type");
            String name = entry.has("issuer") ? entry.get("issuer").getAsString() : null;
            long[] now = {0};
            IdTokenVerifier.Builder builder = new IdTokenVerifier.Builder().setClock(() -> now[0] * 1000);
            if (name != null) builder.setIssuer(name);
            List<String> audiences = own(entry, policy, "audiences");
            if (audiences != null) builder.setAudience(audiences);
            if (policy.has("leeway_s")) builder.setAcceptableTimeSkewSeconds(policy.get("leeway_s").getAsLong());
            JsonObject keys = entry.getAsJsonObject("keys");
            if (keys.has("jwks_uri")) {
                builder.setCertificatesLocation(keys.get("jwks_uri").getAsString());
                if (fetch(policy).has("ca_file")) {
                    InputStream roots = new FileInputStream(fetch(policy).get("ca_file").getAsString());
                    HttpTransport transport = new NetHttpTransport.Builder().trustCertificatesFromStream(roots).build();
                    builder.setHttpTransportFactory(() -> transport);
                }
            } else if (keys.has("jwks") || keys.has("jwks_b64")) {
                byte[] set = keys.has("jwks") ? keys.get("jwks").getAsString().getBytes(StandardCharsets.UTF_8) : Base64.getDecoder().decode(keys.get("jwks_b64").getAsString());
                builder.setCertificatesLocation("http://keys.invalid/").setHttpTransportFactory(() -> new Fixed(set));
            } else {
                throw new Unsupported("keys");
            }
            return new Issuer(name, builder.build(), own(entry, policy, "algorithms"), strings(policy.getAsJsonArray("required_claims")), now);
        }

        JsonObject verify(IdToken token, long seconds) {
            now[0] = seconds;
            if (algorithms != null && !algorithms.contains(token.getHeader().getAlgorithm())) return reject("algorithm");
            if (!verifier.verify(token)) return reject("IdTokenVerifier.verify: false");
            if (required != null)
                for (String claim : required) if (token.getPayload().get(claim) == null) return reject("no " + claim);
            JsonObject reply = new JsonObject(), claims = new JsonObject();
            for (String claim : List.of("sub", "iss")) if (token.getPayload().get(claim) instanceof String text) claims.addProperty(claim, text);
            if (token.getPayload().getAudience() instanceof String text) claims.addProperty("aud", text);
            if (token.getPayload().getAudience() instanceof List<?> list) {
                claims.add("aud", new JsonArray());
                for (Object one : list) claims.getAsJsonArray("aud").add(String.valueOf(one));
            }
            reply.addProperty("verdict", "accept");
            reply.add("claims", claims);
            return reply;
        }
    }

    /** The text of a key set, as the answer to every fetch. */
    static final class Fixed extends HttpTransport {
        private final byte[] set;

        Fixed(byte[] set) {
            this.set = set;
        }

        @Override
        protected LowLevelHttpRequest buildRequest(String method, String url) {
            return new LowLevelHttpRequest() {
                @Override public void addHeader(String name, String value) {}
                @Override public LowLevelHttpResponse execute() {
                    return new LowLevelHttpResponse() {
                        @Override public InputStream getContent() { return new ByteArrayInputStream(set); }
                        @Override public String getContentEncoding() { return null; }
                        @Override public long getContentLength() { return set.length; }
                        @Override public String getContentType() { return "application/json; charset=utf-8"; }
                        @Override public String getStatusLine() { return "HTTP/1.1 200 OK"; }
                        @Override public int getStatusCode() { return 200; }
                        @Override public String getReasonPhrase() { return "OK"; }
                        @Override public int getHeaderCount() { return 0; }
                        @Override public String getHeaderName(int index) { return null; }
                        @Override public String getHeaderValue(int index) { return null; }
                    };
                }
            };
        }
    }

    static JsonObject fetch(JsonObject policy) {
        return policy.has("fetch") ? policy.getAsJsonObject("fetch") : new JsonObject();
    }

    static List<String> own(JsonObject entry, JsonObject policy, String member) {
        return strings(entry.has(member) ? entry.getAsJsonArray(member) : policy.getAsJsonArray(member));
    }

    static List<String> strings(JsonArray array) {
        if (array == null) return null;
        List<String> list = new ArrayList<>();
        for (JsonElement item : array) list.add(item.getAsString());
        return list;
    }

    static JsonObject reject(String why) {
        return object("verdict", "reject", "error", why);
    }

    static JsonObject object(String... members) {
        JsonObject object = new JsonObject();
        for (int i = 0; i < members.length; i += 2) object.addProperty(members[i], members[i + 1]);
        return object;
    }

    static String text(Throwable thrown) {
        String text = thrown.getClass().getName() + ": " + thrown.getMessage();
        return text.substring(0, Math.min(500, text.length()));
    }

    private final Map<String, List<Issuer>> verifiers = new HashMap<>();

    JsonObject configure(String name, JsonObject policy) {
        JsonObject reply = new JsonObject();
        verifiers.remove(name);
        try {
            List<Issuer> issuers = new ArrayList<>();
            for (JsonElement entry : policy.getAsJsonArray("issuers")) issuers.add(Issuer.of(entry.getAsJsonObject(), policy));
            verifiers.put(name, issuers);
            reply.addProperty("ok", true);
            if (policy.has("fetch")) reply.add("effective", JsonParser.parseString("{'timeout_ms':20000,'max_age_s':3600,'cooldown_s':0,'max_stale_s':0}"));
        } catch (Unsupported member) {
            reply.addProperty("ok", false);
            reply.addProperty("unsupported", member.getMessage());
        } catch (Exception refused) {
            reply.addProperty("ok", false);
            reply.addProperty("error", text(refused));
        }
        return reply;
    }

    JsonObject verify(List<Issuer> issuers, JsonObject request) {
        if (issuers == null) return object("error", "verify before configure");
        if (!request.get("mode").getAsString().equals("jwt")) return object("unsupported", "mode");
        String token = request.has("token") ? request.get("token").getAsString()
            : new String(Base64.getDecoder().decode(request.get("token_b64").getAsString()), StandardCharsets.ISO_8859_1);
        try {
            IdToken parsed = IdToken.parse(GsonFactory.getDefaultInstance(), token);
            for (Issuer issuer : issuers)
                if (issuers.size() == 1 || issuer.name().equals(parsed.getPayload().getIssuer())) return issuer.verify(parsed, request.get("now").getAsLong());
            return reject("no such issuer");
        } catch (java.io.IOException refused) {
            return reject(text(refused));
        } catch (Throwable escaped) {
            return object("crash", text(escaped));
        }
    }

    /** All tokens at once, each in a thread, as a server has one for each request. */
    JsonObject verifyAll(List<Issuer> issuers, JsonObject request) {
        List<String> tokens = strings(request.getAsJsonArray("tokens"));
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, tokens.size()));
        JsonArray results = new JsonArray();
        try {
            List<Callable<JsonObject>> all = new ArrayList<>();
            for (String token : tokens) {
                JsonObject one = request.deepCopy();
                one.remove("tokens");
                one.addProperty("token", token);
                all.add(() -> verify(issuers, one));
            }
            for (Future<JsonObject> result : threads.invokeAll(all)) results.add(result.get());
        } catch (InterruptedException | ExecutionException trouble) {
            return object("error", text(trouble));
        } finally {
            threads.shutdown();
        }
        JsonObject reply = new JsonObject();
        reply.add("results", results);
        return reply;
    }

    JsonObject answer(JsonObject request) {
        String name = request.has("verifier") ? request.get("verifier").getAsString() : "main";
        return switch (request.get("op").getAsString()) {
            case "hello" -> JsonParser.parseString(HELLO).getAsJsonObject();
            case "configure" -> configure(name, request.getAsJsonObject("policy"));
            case "verify" -> verify(verifiers.get(name), request);
            case "verify_all" -> verifyAll(verifiers.get(name), request);
            default -> object("unsupported", "op");
        };
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        Adapter adapter = new Adapter();
        for (String line; (line = lines.readLine()) != null; ) {
            JsonObject request = JsonParser.parseString(line).getAsJsonObject();
            JsonObject reply = adapter.answer(request);
            reply.add("id", request.get("id"));
            out.print(reply + "\n");
            out.flush();
        }
    }
}
