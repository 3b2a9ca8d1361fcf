using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Notify.Testing;

/// <summary>
/// An authenticator and the browser it is in (WebAuthn level 3): makes a key pair on P-256 for a site, and signs what the site asks for. What it says
/// can be falsified, to see that it is refused.
/// </summary>
public sealed class PasskeyDevice(string origin) : IDisposable
{
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const byte AttestedData = 0x40;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] credentialId = RandomNumberGenerator.GetBytes(32);
    private byte[] userHandle = [];

    /// <summary>Null: it does not count its signatures.</summary>
    public uint? SignCount { get; set; }

    public string Origin { get; set; } = origin;
    public string? RpId { get; set; }

    /// <summary>It has asked for a finger or a PIN.</summary>
    public bool Verifies { get; set; } = true;

    public void Dispose() => key.Dispose();

    /// <summary><c>navigator.credentials.create</c>.</summary>
    public JsonObject Create(JsonNode options)
    {
        userHandle = Base64Url.DecodeFromChars((string)options["user"]!["id"]!);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var cose = new CborWriter(CborConformanceMode.Ctap2Canonical);
        cose.WriteStartMap(5);
        Write(cose, 1, 2);
        Write(cose, 3, -7);
        Write(cose, -1, 1);
        cose.WriteInt32(-2);
        cose.WriteByteString(point.X!);
        cose.WriteInt32(-3);
        cose.WriteByteString(point.Y!);
        cose.WriteEndMap();
        byte[] length = [0, (byte)credentialId.Length];
        byte[] data = [.. DataFor((string)options["rp"]!["id"]!, AttestedData), .. new byte[16], .. length, .. credentialId, .. cose.Encode()];
        var attestation = new CborWriter(CborConformanceMode.Ctap2Canonical);
        attestation.WriteStartMap(3);
        attestation.WriteTextString("fmt");
        attestation.WriteTextString("none");
        attestation.WriteTextString("attStmt");
        attestation.WriteStartMap(0);
        attestation.WriteEndMap();
        attestation.WriteTextString("authData");
        attestation.WriteByteString(data);
        attestation.WriteEndMap();
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Text(ClientData("webauthn.create", options)),
            ["attestationObject"] = Text(attestation.Encode()),
            ["transports"] = new JsonArray("internal"),
        });

        static void Write(CborWriter writer, int label, int value)
        {
            writer.WriteInt32(label);
            writer.WriteInt32(value);
        }
    }

    /// <summary><c>navigator.credentials.get</c>.</summary>
    public JsonObject Get(JsonNode options)
    {
        var data = DataFor((string)options["rpId"]!, 0);
        var client = ClientData("webauthn.get", options);
        byte[] signed = [.. data, .. SHA256.HashData(client)];
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Text(client),
            ["authenticatorData"] = Text(data),
            ["signature"] = Text(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            ["userHandle"] = Text(userHandle),
        });
    }

    private byte[] DataFor(string rpId, byte flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, SignCount is { } last ? (SignCount = last + 1).Value : 0);
        var all = (byte)(flags | UserPresent | (Verifies ? UserVerified : 0));
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RpId ?? rpId)), all, .. count];
    }

    private byte[] ClientData(string type, JsonNode options) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["type"] = type,
        ["challenge"] = (string)options["challenge"]!,
        ["origin"] = Origin,
        ["crossOrigin"] = false,
    }.ToJsonString());

    private JsonObject Credential(JsonObject response) => new()
    {
        ["id"] = Text(credentialId),
        ["rawId"] = Text(credentialId),
        ["type"] = "public-key",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    };

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
