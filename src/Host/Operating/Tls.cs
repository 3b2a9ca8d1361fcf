using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Notify.Kernel;

namespace Notify.Host.Operating;

/// <summary>
/// TLS for every <c>https://</c> address that Notify listens on: <c>Notify__Tls__CertificateFile</c> (PEM: the certificate, then its chain) and
/// <c>Notify__Tls__KeyFile</c> (PEM; when absent, the key is in the same file). A renewed certificate is used without a restart, within
/// <see cref="Recheck"/> of its being written.
/// </summary>
internal sealed class Tls
{
    private const string Section = "Notify:Tls";

    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(10);

    private readonly string certificateFile;
    private readonly string keyFile;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private Loaded loaded;
    private DateTimeOffset checkedAt;
    private (DateTime, DateTime) refused;

    private sealed record Loaded(X509Certificate2 Certificate, SslStreamCertificateContext Context, (DateTime, DateTime) Written);

    private Tls(string certificateFile, string keyFile, TimeProvider time)
    {
        (this.certificateFile, this.keyFile, this.time) = (certificateFile, keyFile, time);
        loaded = Load();
        checkedAt = time.GetUtcNow();
    }

    /// <exception cref="StartException">An https address is configured without a certificate, or the files contain none.</exception>
    public static void AddTls(WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection(Section);
        var certificate = settings["CertificateFile"];
        if (string.IsNullOrWhiteSpace(certificate))
        {
            if (builder.Configuration["urls"]?.Contains("https://", StringComparison.OrdinalIgnoreCase) == true
                && !builder.Configuration.GetSection("Kestrel:Certificates:Default").Exists())
            {
                throw new StartException(
                    $"Notify is to listen on {builder.Configuration["urls"]}, but has no certificate. Set {Section}:CertificateFile and {Section}:KeyFile to PEM files.");
            }

            return;
        }

        Tls? tls = null;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            tls ??= new Tls(certificate, settings["KeyFile"] is { Length: > 0 } key ? key : certificate,
                kestrel.ApplicationServices.GetRequiredService<TimeProvider>());
            var logger = kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Notify.Tls");
            kestrel.ConfigureHttpsDefaults(https => tls.Serve(https, logger));
        });
    }

    private void Serve(HttpsConnectionAdapterOptions https, ILogger logger)
    {
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.ServerCertificateSelector = (_, _) => Current(logger).Certificate;
        // Sends the chain too, so that clients need not know the intermediate certificates.
        https.OnAuthenticate = (_, options) =>
        {
            options.ServerCertificateSelectionCallback = null;
            options.ServerCertificateContext = Current(logger).Context;
        };
    }

    private Loaded Current(ILogger logger)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (now - checkedAt < Recheck && now >= checkedAt) return loaded;
            checkedAt = now;
            if (Written() is var written && (written == loaded.Written || written == refused)) return loaded;
            try
            {
                loaded = Load();
                logger.LogInformation("The certificate was renewed: valid until {Until:u}", loaded.Certificate.NotAfter.ToUniversalTime());
            }
            catch (StartException e)
            {
                // Perhaps half written: the next write is checked again, and until then the previous certificate is used.
                refused = written;
                logger.LogError("The new certificate cannot be used; the previous one stays: {Fault}", e.Message);
            }

            return loaded;
        }
    }

    private (DateTime, DateTime) Written() => (File.GetLastWriteTimeUtc(certificateFile), File.GetLastWriteTimeUtc(keyFile));

    private Loaded Load()
    {
        var written = Written();
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            return new(certificate, SslStreamCertificateContext.Create(certificate, chain, offline: true), written);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartException($"{Section}: no certificate with its key can be read from {certificateFile} and {keyFile}: {e.Message}", e);
        }
    }
}
