import com.google.api.client.auth.openidconnect.IdToken;
import com.google.api.client.auth.openidconnect.IdTokenVerifier;
import com.google.api.client.json.gson.GsonFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

class Confirm {
    static final Base64.Encoder B64 = Base64.getUrlEncoder().withoutPadding();

    static String b64(String text) {
        return B64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** An RS256 token over these very texts. */
    static String token(KeyPair key, String header, String payload) throws Exception {
        String input = b64(header) + "." + b64(payload);
        Signature signer = Signature.getInstance("SHA256withRSA");
        signer.initSign(key.getPrivate());
        signer.update(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + B64.encodeToString(signer.sign());
    }

    /** The verdict under a set whose response says that it is longer by so many octets than it is. */
    static boolean verify(String token, String set, int longer) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread endpoint = new Thread(() -> {
                try (Socket visitor = server.accept()) {
                    visitor.getInputStream().read(new byte[8192]);
                    String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + (set.length() + longer) + "\r\n\r\n";
                    visitor.getOutputStream().write((head + set).getBytes(StandardCharsets.US_ASCII));
                } catch (java.io.IOException gone) {
                    System.err.println(gone);
                }
            });
            endpoint.start();
            return new IdTokenVerifier.Builder().setCertificatesLocation("http://127.0.0.1:" + server.getLocalPort() + "/").build()
                .verify(IdToken.parse(GsonFactory.getDefaultInstance(), token));
        }
    }

    static String set(KeyPair key) {
        return "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"alg\":\"RS256\",\"n\":\"" + B64.encodeToString(((RSAPublicKey) key.getPublic()).getModulus().toByteArray()) + "\",\"e\":\"AQAB\"}]}";
    }

    static void verdict(boolean shows, String seen) {
        System.out.println(seen);
        System.exit(shows ? 0 : 1);
    }

    public static void main(String[] arguments) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair key = generator.generateKeyPair();
        long now = System.currentTimeMillis() / 1000;
        String token = token(key, "{\"alg\":\"RS256\",\"kid\":\"a\"}", "{\"exp\":" + (now + 60) + ",\"iat\":" + now + "}");
        String set = set(key);
        boolean less = verify(token, set, -set.length() / 2), more = verify(token, set, 64);
        verdict(less && more, "a response that announces half of its set: " + less + ", one that breaks off behind it: " + more);
    }
}
