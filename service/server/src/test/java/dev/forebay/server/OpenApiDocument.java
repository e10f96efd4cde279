package dev.forebay.server;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * An OpenAPI document, and what in an answer is not as it says. An operation goes by its method and
 * its path with the parameters in braces.
 */
final class OpenApiDocument {
    private static final Set<String> METHODS = Set.of("get", "head", "put", "post", "delete");

    /** Headers of HTTP itself, which need no mention. */
    private static final Set<String> OF_HTTP =
            Set.of("date", "content-type", "content-length", "connection");

    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_2020_12,
                    builder ->
                            builder.schemaRegistryConfig(
                                    SchemaRegistryConfig.builder()
                                            .formatAssertionsEnabled(true)
                                            .build()));

    private final JsonNode root;

    OpenApiDocument(Path file) throws IOException {
        root = new YAMLMapper().readTree(Files.readString(file));
    }

    Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        root.get("paths")
                .forEachEntry((path, item) ->
                        METHODS.stream()
                                .filter(item::has)
                                .forEach(method ->
                                        operations.add(
                                                method.toUpperCase(Locale.ROOT) + " " + path)));
        return operations;
    }

    /** The operation of a request; a path without parameters before one with them. */
    String operation(String method, String path) {
        return operations().stream()
                .filter(operation -> operation.startsWith(method + " "))
                .filter(operation -> fits(operation.substring(method.length() + 1), path))
                .min((one, other) -> Integer.compare(parameters(one), parameters(other)))
                .orElseThrow(() -> new AssertionError("no operation for " + method + " " + path));
    }

    private static boolean fits(String template, String path) {
        String pattern = template.replace("{blob}", ".+").replaceAll("\\{[a-z]+}", "[^/]+");
        return path.matches(pattern);
    }

    private static int parameters(String template) {
        return (int) template.chars().filter(c -> c == '{').count();
    }

    private JsonNode item(String operation) {
        return root.get("paths").get(operation.substring(operation.indexOf(' ') + 1));
    }

    JsonNode of(String operation) {
        String method = operation.substring(0, operation.indexOf(' ')).toLowerCase(Locale.ROOT);
        return item(operation).get(method);
    }

    /** Names of the parameters of an operation, in path, query and headers. */
    List<String> parameterNames(String operation) {
        List<String> names = new ArrayList<>();
        for (JsonNode holder : List.of(item(operation), of(operation))) {
            holder.path("parameters")
                    .forEach(any -> names.add(resolved(any).get("name").asString()));
        }
        return names;
    }

    /** What is referred to, if it is a reference. */
    private JsonNode resolved(JsonNode node) {
        if (!node.has("$ref")) {
            return node;
        }
        JsonNode found = root.at(node.get("$ref").asString().substring(1));
        if (found.isMissingNode()) {
            throw new AssertionError(node + " refers to nothing");
        }
        return found;
    }

    /** All references that refer to nothing, wherever they are. */
    List<String> brokenReferences() {
        return root.findValuesAsString("$ref").stream()
                .filter(reference -> root.at(reference.substring(1)).isMissingNode())
                .toList();
    }

    Set<String> statuses(String operation) {
        return new TreeSet<>(of(operation).get("responses").propertyNames());
    }

    /** What in the body of a request is not as the operation says. */
    List<String> complaintsOfRequest(String operation, JsonNode body) {
        JsonNode content = of(operation).at("/requestBody/content/application~1json");
        return content.isMissingNode()
                ? List.of(operation + " takes no JSON")
                : invalid(content.get("schema"), body);
    }

    /** What in an answer is not as the operation says. */
    List<String> complaints(String operation, Wire.Answer answer) {
        JsonNode listed = of(operation).get("responses").get(Integer.toString(answer.status()));
        if (listed == null) {
            return List.of("the status " + answer.status() + " is not in the document");
        }
        JsonNode response = resolved(listed);
        List<String> complaints = new ArrayList<>(ofHeaders(response.path("headers"), answer));
        if (!operation.startsWith("HEAD ")) {
            complaints.addAll(ofBody(response, answer));
        }
        return complaints;
    }

    private List<String> ofHeaders(JsonNode headers, Wire.Answer answer) {
        List<String> complaints = new ArrayList<>();
        Set<String> known = new TreeSet<>(OF_HTTP);
        headers.forEachEntry((name, listed) -> {
            JsonNode header = resolved(listed);
            String value = answer.header(name);
            known.add(name.toLowerCase(Locale.ROOT));
            if (!value.isEmpty()) {
                JsonNode text = JsonNodeFactory.instance.stringNode(value);
                invalid(header.get("schema"), text)
                        .forEach(said -> complaints.add("header " + name + ": " + said));
            } else if (header.path("required").asBoolean(false)) {
                complaints.add("the header " + name + " is missing");
            }
        });
        answer.headers().keySet().stream()
                .filter(name -> !known.contains(name))
                .forEach(name -> complaints.add("the header " + name + " is not in the document"));
        return complaints;
    }

    private List<String> ofBody(JsonNode response, Wire.Answer answer) {
        JsonNode content = response.path("content");
        if (answer.text().isEmpty()) {
            // The data plane says what is wrong in a header or in a body, never in both.
            boolean fine =
                    content.isMissingNode()
                            || content.has("application/octet-stream")
                            || !answer.header("x-ms-error-code").isEmpty();
            return fine ? List.of() : List.of("the body is missing");
        }
        String type = answer.header("Content-Type").split(";", 2)[0];
        if (!content.has(type)) {
            return List.of("a body of '" + type + "' is not in the document");
        }
        if (type.equals("application/octet-stream")) {
            return List.of(); // It may be any bytes.
        }
        JsonNode body =
                type.equals("application/json")
                        ? Rest.parsed(answer)
                        : JsonNodeFactory.instance.stringNode(answer.text());
        return invalid(content.get(type).get("schema"), body);
    }

    private List<String> invalid(JsonNode schema, JsonNode value) {
        ObjectNode alone = schema.deepCopy().asObject();
        alone.set("components", root.get("components")); // Where its references lead.
        return SCHEMAS.getSchema(alone).validate(value).stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                .toList();
    }
}
