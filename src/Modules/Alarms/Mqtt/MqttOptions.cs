using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;

namespace Notify.Alarms.Mqtt;

/// <summary>The options of the connection to the broker.</summary>
internal static class MqttOptions
{
    /// <summary>How many unacknowledged messages the broker may send; it holds back further ones. Sent as the receive maximum (MQTT 5).</summary>
    public const ushort MostUnacknowledged = 1000;

    public static MqttClientOptions Of(MqttSettings settings)
    {
        var uri = new Uri(settings.Broker!);
        var isTls = uri.Scheme == "mqtts";
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer(uri.Host, uri.Port > 0 ? uri.Port : isTls ? 8883 : 1883)
            .WithClientId(settings.ClientId).WithKeepAlivePeriod(settings.KeepAlive).WithTimeout(TimeSpan.FromSeconds(10));
        options = settings.Version == "5"
            ? options.WithProtocolVersion(MqttProtocolVersion.V500).WithCleanStart(false).WithReceiveMaximum(MostUnacknowledged)
                .WithSessionExpiryInterval((uint)Math.Min(uint.MaxValue, settings.SessionExpiry.TotalSeconds))
            : options.WithProtocolVersion(MqttProtocolVersion.V311).WithCleanSession(false);
        if (settings.UserName is { Length: > 0 } user) options = options.WithCredentials(user, settings.Password ?? "");
        if (isTls) options = options.WithTlsOptions(x => ProtectedBy(x, settings));
        return options.Build();
    }

    private static void ProtectedBy(MqttClientTlsOptionsBuilder tls, MqttSettings settings)
    {
        tls.UseTls().WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13);
        if (settings.CaCertificateFile is { } file)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(file);
            tls.WithTrustChain(trusted);
        }

        if (settings.ClientCertificateFile is { } own)
            tls.WithClientCertificates([X509Certificate2.CreateFromPemFile(own, settings.ClientKeyFile ?? own)]);
    }
}
