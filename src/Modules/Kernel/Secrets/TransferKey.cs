using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Notify.Kernel.Secrets;

/// <summary>
/// Seals secrets in a document so that only the intended installation can open them: ECDH on P-256 between a key generated for each value and the
/// installation's own, HKDF-SHA256, AES-256-GCM. A value can be opened only for the purpose it was sealed for; otherwise somebody who may import
/// could put it where it is shown.
/// </summary>
public sealed class TransferKey(MasterKey key) : IDisposable
{
    private const string Mark = "sealed:v1:";
    private const int PointBytes = 65;
    private const int TagBytes = 16;

    /// <summary>The order of P-256's base point (FIPS 186-5; SEC 2, 2.4.2).</summary>
    private static readonly BigInteger order = BigInteger.Parse(
        "00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", System.Globalization.NumberStyles.HexNumber, null);

    private readonly Lazy<ECDiffieHellman> own = new(() => OwnKey(key.TransferSeed));

    /// <summary>The public key for which other installations seal: the uncompressed point in Base64.</summary>
    public string PublicKey => Convert.ToBase64String(PointOf(own.Value));

    public static bool IsSealed(string text) => text.StartsWith(Mark, StringComparison.Ordinal);

    public static bool IsPublicKey(string text)
    {
        try
        {
            using var recipient = KeyOf(Convert.FromBase64String(text));
            return true;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return false;
        }
    }

    /// <param name="publicKey">The recipient's public key.</param>
    /// <param name="purpose">What the value is; needed to open it.</param>
    /// <exception cref="CryptographicException">The public key is invalid.</exception>
    public static string Seal(string publicKey, string purpose, string value)
    {
        var point = Convert.FromBase64String(publicKey);
        using var recipient = KeyOf(point);
        using var once = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var plain = Encoding.UTF8.GetBytes(value);
        var result = new byte[PointBytes + TagBytes + plain.Length];
        PointOf(once).CopyTo(result, 0);
        using var aes = Cipher(once, recipient, result.AsSpan(0, PointBytes), point, purpose);
        // The key is used only once, so a fixed nonce is safe.
        aes.Encrypt(new byte[12], plain, result.AsSpan(PointBytes + TagBytes), result.AsSpan(PointBytes, TagBytes));
        CryptographicOperations.ZeroMemory(plain);
        return Mark + Base64Url.EncodeToString(result);
    }

    /// <returns>Null if it was not sealed for this installation and purpose, or was changed.</returns>
    public string? Open(string purpose, string text)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(text.AsSpan(Mark.Length));
            if (bytes.Length < PointBytes + TagBytes) return null;
            using var once = KeyOf(bytes[..PointBytes]);
            using var aes = Cipher(own.Value, once, bytes.AsSpan(0, PointBytes), PointOf(own.Value), purpose);
            var plain = new byte[bytes.Length - PointBytes - TagBytes];
            aes.Decrypt(new byte[12], bytes.AsSpan(PointBytes + TagBytes), bytes.AsSpan(PointBytes, TagBytes), plain);
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (own.IsValueCreated) own.Value.Dispose();
    }

    private static AesGcm Cipher(
        ECDiffieHellman mine, ECDiffieHellman other, ReadOnlySpan<byte> oncePoint, ReadOnlySpan<byte> recipientPoint, string purpose)
    {
        var agreed = mine.DeriveRawSecretAgreement(other.PublicKey);
        var derived = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, agreed, 32, [.. oncePoint, .. recipientPoint], Encoding.UTF8.GetBytes($"notify/transfer/v1 {purpose}"));
        CryptographicOperations.ZeroMemory(agreed);
        return new AesGcm(derived, TagBytes);
    }

    /// <summary>Reduces 48 bytes to 32, which makes the bias negligible (FIPS 186-5, A.2.1).</summary>
    private static ECDiffieHellman OwnKey(ReadOnlySpan<byte> seed)
    {
        var secret = (new BigInteger(seed, isUnsigned: true, isBigEndian: true) % (order - 1)) + 1;
        var d = new byte[32];
        secret.TryWriteBytes(d.AsSpan(32 - secret.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
    }

    private static ECDiffieHellman KeyOf(byte[] point) => point is [4, ..] && point.Length == PointBytes
        ? ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } })
        : throw new CryptographicException("This is no uncompressed point of P-256.");

    private static byte[] PointOf(ECDiffieHellman key)
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. q.X!, .. q.Y!];
    }
}
