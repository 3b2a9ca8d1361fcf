using System.Security.Cryptography;
using System.Text;

namespace Notify.Kernel.Secrets;

/// <summary>
/// The 256-bit key that seals secrets, from a file that only its owner can read; made at first start. Every node of one installation needs the same file.
/// </summary>
public sealed class MasterKey
{
    private readonly byte[] sealing;
    private readonly byte[] fingerprints;
    private readonly byte[] transfer;

    private MasterKey(byte[] key)
    {
        // Each use has a key of its own: what is learned from fingerprints says nothing about sealing.
        sealing = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "notify/seal/v1"u8.ToArray());
        fingerprints = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "notify/fingerprint/v1"u8.ToArray());
        transfer = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 48, info: "notify/transfer/v1"u8.ToArray());
    }

    public static MasterKey LoadOrCreate(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            var temporary = $"{path}.{Environment.ProcessId}";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(temporary, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));
                file.Flush(flushToDisk: true);
            }

            try
            {
                File.Move(temporary, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(temporary); // another node was faster: its key counts
            }
        }

        var key = new byte[32];
        return Convert.TryFromBase64String(File.ReadAllText(path).Trim(), key, out var length) && length == 32
            ? new MasterKey(key)
            : throw new InvalidOperationException($"The key file {path} is damaged: it must hold 32 bytes in base 64. Restore it from the backup.");
    }

    /// <summary>AES-256-GCM; the reference is authenticated with it, so that sealed values cannot be exchanged for one another.</summary>
    public byte[] Seal(string reference, string value)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var result = new byte[1 + 12 + 16 + plain.Length];
        result[0] = 1; // the format's version
        var (nonce, tag, cipher) = Parts(result);
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(sealing, 16);
        aes.Encrypt(nonce.Span, plain, cipher.Span, tag.Span, Encoding.UTF8.GetBytes(reference));
        CryptographicOperations.ZeroMemory(plain);
        return result;
    }

    /// <exception cref="CryptographicException">The value was sealed with another key, for another reference, or was changed.</exception>
    public string Unseal(string reference, byte[] sealedValue)
    {
        if (sealedValue.Length < 29 || sealedValue[0] != 1) throw new CryptographicException("The sealed value has an unknown format.");
        var (nonce, tag, cipher) = Parts(sealedValue);
        var plain = new byte[cipher.Length];
        using var aes = new AesGcm(sealing, 16);
        aes.Decrypt(nonce.Span, cipher.Span, tag.Span, plain, Encoding.UTF8.GetBytes(reference));
        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>16 hexadecimal digits: equal for equal secrets of this installation, useless to anyone without its key.</summary>
    public string Fingerprint(string value) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(fingerprints, Encoding.UTF8.GetBytes(value)).AsSpan(0, 8));

    /// <summary>32 bytes: equal for equal input of this installation, and no help to who guesses at the input.</summary>
    public byte[] Digest(byte[] value) => HMACSHA256.HashData(fingerprints, value);

    /// <summary>What makes the key pair under which other installations seal secrets for this one; the same on every node.</summary>
    internal ReadOnlySpan<byte> TransferSeed => transfer;

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Cipher) Parts(byte[] x) =>
        (x.AsMemory(1, 12), x.AsMemory(13, 16), x.AsMemory(29));
}
