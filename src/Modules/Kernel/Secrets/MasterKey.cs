using System.Security.Cryptography;
using System.Text;

namespace Notify.Kernel.Secrets;

/// <summary>
/// The 256-bit key that seals secrets, from a file readable by its owner only; created when first needed. Every node of one installation needs the
/// same file: <see cref="StoreKey"/> refuses a different one before it is used.
/// </summary>
public sealed class MasterKey(string path)
{
    private readonly Lazy<Keys> keys = new(() => Keys.Of(LoadOrCreate(path)));

    /// <summary>Each use has a separate derived key: knowledge about fingerprints says nothing about sealing.</summary>
    private sealed record Keys(byte[] Sealing, byte[] Fingerprints, byte[] Transfer, byte[] Check, byte[] Records)
    {
        public static Keys Of(byte[] key) => new(Derive(key, 32, "notify/seal/v1"), Derive(key, 32, "notify/fingerprint/v1"),
            Derive(key, 48, "notify/transfer/v1"), Derive(key, 32, "notify/check/v1"),
            Derive(key, 32, "notify/record/v1"));

        private static byte[] Derive(byte[] key, int bytes, string use) =>
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key, bytes, info: Encoding.UTF8.GetBytes(use));

        public override string ToString() => nameof(Keys);
    }

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Whether the key file exists; asking does not create it.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>16 hexadecimal digits that identify the key and reveal nothing about it.</summary>
    public string Identity => Digits(HMACSHA256.HashData(keys.Value.Check, "the master key of a Notify"u8));

    private static byte[] LoadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            DataDirectory.Make(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
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
            ? key
            : throw new StartException($"The key file {path} is damaged: it must contain 32 bytes in base 64. Restore it from the backup.");
    }

    /// <summary>AES-256-GCM; the reference is authenticated with it, so that sealed values cannot be exchanged for one another.</summary>
    public byte[] Seal(string reference, string value)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var result = new byte[1 + 12 + 16 + plain.Length];
        result[0] = 1; // the format's version
        var (nonce, tag, cipher) = Parts(result);
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(keys.Value.Sealing, 16);
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
        using var aes = new AesGcm(keys.Value.Sealing, 16);
        aes.Decrypt(nonce.Span, cipher.Span, tag.Span, plain, Encoding.UTF8.GetBytes(reference));
        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>16 hexadecimal digits: equal for equal secrets of this installation, useless to anyone without its key.</summary>
    public string Fingerprint(string value) =>
        Digits(HMACSHA256.HashData(keys.Value.Fingerprints, Encoding.UTF8.GetBytes(value)));

    /// <summary>32 bytes: equal for equal input of this installation, and no help in guessing the input.</summary>
    public byte[] Digest(byte[] value) => HMACSHA256.HashData(keys.Value.Fingerprints, value);

    /// <summary>64 hexadecimal digits that prove that this installation wrote this text: somebody who can only write to the database cannot make
    /// them.</summary>
    /// <param name="use">What the text is about; a MAC for one use proves nothing for another.</param>
    public string Mac(string use, string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(keys.Value.Records, Encoding.UTF8.GetBytes($"{use}\n{text}")));

    /// <summary>What makes the key pair under which other installations seal secrets for this one; the same on every node.</summary>
    internal ReadOnlySpan<byte> TransferSeed => keys.Value.Transfer;

    private static string Digits(byte[] hash) => Convert.ToHexStringLower(hash.AsSpan(0, 8));

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Cipher) Parts(byte[] x) =>
        (x.AsMemory(1, 12), x.AsMemory(13, 16), x.AsMemory(29));
}
