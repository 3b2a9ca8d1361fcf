using System.Globalization;
using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using Notify.Testing;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>A client that a generator makes from the served document compiles, and does what people generate clients for.</summary>
public sealed class GeneratedClientTests
{
    [Fact]
    public async Task a_generated_client_reports_alarms_and_changes_configuration()
    {
        await using var host = await NotifyHost.StartAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", NotifyHost.AdminKey);
        var client = new GeneratedClient(await AssemblyOfAsync(host.Url), http);

        var message = client.New("MessageRequest", new { name = "Alarm text", type = "wecom", format = "text", content = "{level} {name}" });
        var created = await client.CallAsync("CreateMessageAsync", ("body", message));
        ((string?)created["name"], (string?)created["content"], (int?)created["version"]).Should().Be(("Alarm text", "{level} {name}", 1));
        var id = (string)created["id"]!;

        var changed = client.New("MessageRequest", new { name = "Alarm text", type = "wecom", format = "text", content = "{name}" });
        var replaced = await client.CallAsync("ReplaceMessageAsync", ("id", id), ("if_Match", "\"1\""), ("body", changed));
        ((string?)replaced["content"], (int?)replaced["version"]).Should().Be(("{name}", 2));
        (await client.CallAsync("ListMessagesAsync", ("search", "Alarm")))["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(id);
        (await client.CallAsync("GetMessageHistoryAsync", ("id", id)))["items"]!.AsArray().Should().HaveCount(2);

        var motor = new { name = "Motor too hot", path = "Site1/Motor", level = "Critical" };
        var alarms = client.New("PostAlarmsRequest", new { alarms = new[] { motor } });
        var accepted = (await client.CallAsync("ReportAlarmsAsync", ("body", alarms)))["accepted"]!.AsArray();
        var alarm = await client.CallAsync("GetAlarmAsync", ("id", (string)accepted.Single()!["alarmId"]!));
        ((string?)alarm["name"], (string?)alarm["level"]).Should().Be(("Motor too hot", "Critical"));

        var late = () => client.CallAsync("DeleteMessageAsync", ("id", id), ("if_Match", "\"1\""));
        var refusal = await late.Should().ThrowAsync<Exception>();
        refusal.Which.GetType().GetProperty("StatusCode")!.GetValue(refusal.Which).Should().Be(412);
        await client.CallAsync("DeleteMessageAsync", ("id", id), ("if_Match", "\"2\""));
    }

    private static async Task<Assembly> AssemblyOfAsync(string url)
    {
        using var anonymous = new HttpClient { BaseAddress = new Uri(url) };
        var document = await OpenApiDocument.FromJsonAsync(await anonymous.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var settings = new CSharpClientGeneratorSettings { ClassName = GeneratedClient.Name, DisposeHttpClient = false };
        settings.GenerateOptionalParameters = true;
        settings.CSharpGeneratorSettings.Namespace = GeneratedClient.Namespace;
        settings.CSharpGeneratorSettings.JsonLibrary = CSharpJsonLibrary.SystemTextJson;
        var code = CSharpSyntaxTree.ParseText(new CSharpClientGenerator(document, settings).GenerateFile());
        var here = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var library = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary);
        var compilation = CSharpCompilation.Create("generated", [code], here.Select(x => MetadataReference.CreateFromFile(x)), library);
        using var assembly = new MemoryStream();
        compilation.Emit(assembly).Diagnostics.Where(x => x.Severity == DiagnosticSeverity.Error).Select(x => x.ToString()).Should().BeEmpty();
        return Assembly.Load(assembly.ToArray());
    }

    /// <summary>Calls by name, since the client's types exist only now.</summary>
    private sealed class GeneratedClient(Assembly assembly, HttpClient http)
    {
        public const string Namespace = "Generated";
        public const string Name = "NotifyClient";

        private readonly object client = Activator.CreateInstance(assembly.GetType($"{Namespace}.{Name}", throwOnError: true)!, http)!;

        /// <summary>One of the client's own objects. A field that its class does not have is a failure.</summary>
        public object New(string type, object fields)
        {
            var json = JsonSerializer.SerializeToNode(fields, JsonSerializerOptions.Web);
            var made = json.Deserialize(assembly.GetType($"{Namespace}.{type}", throwOnError: true)!, JsonSerializerOptions.Web)!;
            var extra = made.GetType().GetProperty("AdditionalProperties")?.GetValue(made) as IDictionary<string, object>;
            extra.Should().BeNullOrEmpty($"{type} has these fields");
            return made;
        }

        /// <summary>The other arguments are left out.</summary>
        /// <returns>The answer, as the client's class for it has read it; empty where there is none.</returns>
        public async Task<JsonObject> CallAsync(string method, params (string Name, object Value)[] arguments)
        {
            var found = client.GetType().GetMethods()
                .Single(x => x.Name == method && x.GetParameters()[^1].ParameterType == typeof(CancellationToken));
            var given = arguments.ToDictionary(x => x.Name, x => x.Value, StringComparer.Ordinal);
            object?[] list = [.. found.GetParameters().Select(x => given.Remove(x.Name!, out var value) ? value : null)];
            list[^1] = CancellationToken.None;
            given.Should().BeEmpty($"{method} has these parameters");
            Task task;
            try
            {
                task = (Task)found.Invoke(client, BindingFlags.Default, null, list, CultureInfo.InvariantCulture)!;
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
                throw;
            }

            await task;
            var type = found.ReturnType;
            return type.IsGenericType ? JsonSerializer.SerializeToNode(type.GetProperty("Result")!.GetValue(task))!.AsObject() : [];
        }
    }
}
