using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Testing;

namespace Notify.Host.Tests;

/// <summary>What the network and a browser see of Notify: TLS, headers, proxies.</summary>
public sealed class SurfaceTests
{
    [Fact]
    public async Task every_answer_closes_the_browser_down_to_what_it_needs()
    {
        await using var host = await NotifyHost.StartAsync();
        foreach (var (path, status) in ((string, int)[])[("/api/v1/rules", 200), ("/api/v1/rules/rule-none", 404), ("/api/v1/nothing", 404),
            ("/health/live", 200), ("/metrics", 200), ("/docs", 200)])
        {
            using var answer = await host.Client.GetAsync(new Uri(path, UriKind.Relative));

            ((int)answer.StatusCode).Should().Be(status);
            One("X-Content-Type-Options").Should().Be("nosniff");
            One("Referrer-Policy").Should().Be("no-referrer");
            One("Cache-Control").Should().Contain("no-store");
            One("Content-Security-Policy").Should().Contain("frame-ancestors")
                .And.Contain(path == "/docs" ? "default-src 'self'" : "default-src 'none'");
            answer.Headers.Contains("Strict-Transport-Security").Should().BeFalse("a promise of https made over http means nothing");
            answer.Headers.Contains("Server").Should().BeFalse();
            answer.Headers.Contains("X-Powered-By").Should().BeFalse();

            string One(string name) => answer.Headers.GetValues(name).Should().ContainSingle($"{path} has one {name}").Subject;
        }
    }

    [Fact]
    public async Task the_source_of_a_request_is_believed_from_a_proxy_and_from_nobody_else()
    {
        await using var behind = await NotifyHost.StartAsync(["Notify:Proxies:0=127.0.0.1", "Notify:Proxies:1=10.1.0.0/16"]);
        (await SourceOfAsync(behind, "203.0.113.7")).Should().Be("203.0.113.7");
        (await SourceOfAsync(behind, "6.6.6.6, 203.0.113.8, 10.1.2.3")).Should().Be("203.0.113.8", "what is before it the caller may have made up");
        (await SourceOfAsync(behind, null)).Should().Be("127.0.0.1");

        var log = new LogLines();
        await using var alone = await NotifyHost.StartAsync(
            ["Logging:LogLevel:Notify.Proxies=Warning"], replace: services => services.AddSingleton<ILoggerProvider>(log));
        (await SourceOfAsync(alone, "203.0.113.7")).Should().Be("127.0.0.1");
        (await SourceOfAsync(alone, "203.0.113.7")).Should().Be("127.0.0.1");
        log.Lines.Should().ContainSingle(x => x.Contains("set Notify__Proxies__0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("proxy.example.com")]
    [InlineData("10.0.0.0/33")]
    [InlineData("")]
    public async Task a_proxy_that_is_no_address_stops_the_start(string proxy) =>
        (await FluentActions.Awaiting(() => NotifyHost.StartAsync([$"Notify:Proxies:0={proxy}"])).Should().ThrowAsync<Exception>())
            .Which.Message.Should().Contain("Notify:Proxies");

    [Fact]
    public async Task it_serves_https_with_its_chain_and_takes_a_renewed_certificate_without_a_restart()
    {
        var files = Directory.CreateTempSubdirectory("notify-tls-");
        var (certificate, key) = (Path.Combine(files.FullName, "tls.crt"), Path.Combine(files.FullName, "tls.key"));
        using var authority = Authority.Make();
        authority.Write("first.example.com", certificate, key);
        var clock = new MovedClock();
        await using var host = await NotifyHost.StartAsync(
            ["urls=https://127.0.0.1:0", $"Notify:Tls:CertificateFile={certificate}", $"Notify:Tls:KeyFile={key}"],
            replace: services => services.AddSingleton<TimeProvider>(clock));

        (await ReadAsync()).Should().Be(("CN=first.example.com", 1, "max-age=31536000; includeSubDomains"));

        await File.WriteAllTextAsync(certificate, "-----BEGIN CERTIFICATE-----\nhalf writ");
        clock.Advance(TimeSpan.FromMinutes(1));
        (await ReadAsync()).Subject.Should().Be("CN=first.example.com", "one that cannot be read takes nothing away");

        authority.Write("second.example.com", certificate, key);
        File.SetLastWriteTimeUtc(certificate, File.GetLastWriteTimeUtc(certificate) + TimeSpan.FromSeconds(5));
        clock.Advance(TimeSpan.FromMinutes(1));
        (await ReadAsync()).Subject.Should().Be("CN=second.example.com");
        files.Delete(recursive: true);

        async Task<(string Subject, int Chain, string Hsts)> ReadAsync()
        {
            var (subject, chain) = ("", 0);
            using var handler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, shown, sent, _) =>
                    {
                        (subject, chain) = (shown!.Subject, sent!.ChainPolicy.ExtraStore.Count);
                        return shown.Issuer == "CN=Plant CA";
                    },
                },
            };
            using var client = new HttpClient(handler);
            using var answer = await client.GetAsync(new Uri($"{host.Url}/health/live"));
            return (subject, chain, answer.Headers.GetValues("Strict-Transport-Security").Single());
        }
    }

    [Fact]
    public async Task https_without_a_certificate_stops_the_start_and_says_what_to_set()
    {
        await Refused(["urls=https://127.0.0.1:0"], "Notify:Tls:CertificateFile");
        await Refused(["urls=https://127.0.0.1:0", "Notify:Tls:CertificateFile=/nowhere/tls.crt"], "/nowhere/tls.crt");

        static async Task Refused(string[] settings, string said) =>
            (await FluentActions.Awaiting(() => NotifyHost.StartAsync(settings)).Should().ThrowAsync<Exception>())
                .Which.Message.Should().Contain(said);
    }

    private static async Task<string> SourceOfAsync(NotifyHost host, string? forwarded)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/schedules")
        {
            Content = new StringContent(
                new JsonObject
                {
                    ["kind"] = "holiday",
                    ["name"] = Guid.NewGuid().ToString(),
                    ["timeZone"] = "Asia/Shanghai",
                    ["from"] = "2026-10-01",
                    ["to"] = "2026-10-01",
                }.ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
        };
        if (forwarded is not null) request.Headers.Add("X-Forwarded-For", forwarded);
        using var answer = await host.Client.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.Created);
        var id = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!.GetValue<string>();
        return (await host.GetAsync($"schedules/{id}/history"))["items"]![0]!["sourceIp"]!.GetValue<string>();
    }

    /// <summary>Signs certificates that nobody trusts.</summary>
    private sealed class Authority(ECDsa key, X509Certificate2 certificate) : IDisposable
    {
        public static Authority Make()
        {
            var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=Plant CA", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return new Authority(key, request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9)));
        }

        public void Write(string name, string certificateFile, string keyFile)
        {
            using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", own, HashAlgorithmName.SHA256);
            using var signed = request.Create(
                certificate, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(5), Guid.NewGuid().ToByteArray());
            File.WriteAllText(certificateFile, $"{signed.ExportCertificatePem()}\n{certificate.ExportCertificatePem()}\n");
            File.WriteAllText(keyFile, own.ExportPkcs8PrivateKeyPem());
        }

        public void Dispose()
        {
            key.Dispose();
            certificate.Dispose();
        }
    }
}
