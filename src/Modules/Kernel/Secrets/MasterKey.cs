using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Notify.Kernel.Secrets;

/// <summary>
/// The installation's keys, from a file readable by its owner only; created when first needed. Every node of one installation needs the same file:
/// <see cref="StoreKey"/> refuses a different one before it is used. Each line is a 256-bit key in Base64. The first identifies the installation, is
/// used for fingerprints and for sealing records, and is never replaced. Later ones only seal secrets, and are added and retired while Notify runs
/// (docs/operations.md, <c>keys</c>).
/// </summary>
public sealed class MasterKey(string path, ILogger<MasterKey>? logger = null)
{
    private const byte SealedByFirst = 1;
    private const byte SealedByNamed = 2;
    private const int IdBytes = 8;

    private readonly Lock gate = new();
    private volatile Ring? ring;
    private volatile string? chosen;

    /// <summary>The version of the file that was last reported as unusable.</summary>
    private DateTime? reported;

    /// <summary>Each use has a separate derived key: knowledge about fingerprints says nothing about sealing.</summary>
    private sealed record Keys(byte[] Sealing, byte[] Fingerprints, byte[] Transfer, byte[] Check, byte[] Records)
    {
        public static Keys Of(byte[] key) => new(Derive(key, 32, "notify/seal/v1"), Derive(key, 32, "notify/fingerprint/v1"),
            Derive(key, 48, "notify/transfer/v1"), Derive(key, 32, "notify/check/v1"),
            Derive(key, 32, "notify/record/v1"));

        public string Id => Digits(HMACSHA256.HashData(Check, "the master key of a Notify"u8));

        private static byte[] Derive(byte[] key, int bytes, string use) =>
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key, bytes, info: Encoding.UTF8.GetBytes(use));

        public override string ToString() => nameof(Keys);
    }

    private sealed record Ring(Keys First, IReadOnlyList<string> Ids, IReadOnlyDictionary<string, byte[]> Sealing, DateTime Written)
    {
        public override string ToString() => nameof(Ring);
    }

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Whether the key file exists; asking does not create it.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>16 hexadecimal digits that identify the installation's key and reveal nothing about it.</summary>
    public string Identity => Loaded.Ids[0];

    /// <summary>The ids of all keys in the file, in order; the first is <see cref="Identity"/>.</summary>
    public IReadOnlyList<string> Ids => Loaded.Ids;

    /// <summary>The id of the sealing key: the chosen one, or the first if this file does not contain that one.</summary>
    public string SealingId => SealingOf(Loaded);

    /// <summary>The file itself, where the path is a link.</summary>
    private string Target => File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName ?? Path;

    private Ring Loaded
    {
        get
        {
            if (ring is { } known) return known;
            lock (gate) return ring ??= Read(create: true);
        }
    }

    /// <param name="id">The sealing key recorded in the store; a file without it continues with its first key, which every node has.</param>
    public void SealWith(string id) => chosen = id;

    /// <summary>Reads the file again if it has changed because a key was added on this node, or copied to it. A file that is unreadable, or of
    /// another installation, is reported once and not used.</summary>
    public void Refresh()
    {
        lock (gate)
        {
            if (ring is null || !Exists) return;
            var written = File.GetLastWriteTimeUtc(Target);
            if (written == ring.Written) return;
            string fault;
            try
            {
                var read = Read(create: false);
                if (read.Ids[0] == ring.Ids[0])
                {
                    ring = read;
                    return;
                }

                fault = $"The key file {Path} was replaced by that of another installation.";
            }
            catch (StartException e)
            {
                // Perhaps copied only in part: checked again the next time.
                fault = e.Message;
            }

            if (reported == written) return;
            reported = written;
            logger?.LogError("{Fault} This node goes on with the keys it has read; it would not start again", fault);
        }
    }

    /// <summary>Appends a new key to the file.</summary>
    /// <returns>Its id.</returns>
    public string Add()
    {
        lock (gate)
        {
            _ = Loaded;
            Rewrite([.. Lines(), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))]);
            ring = Read(create: false);
            return ring.Ids[^1];
        }
    }

    /// <summary>Removes a key from the file. What it sealed can no longer be opened.</summary>
    /// <exception cref="ArgumentException">It is the first key, or not in the file.</exception>
    public void Remove(string id)
    {
        lock (gate)
        {
            var at = Loaded.Ids.ToList().IndexOf(id);
            if (at <= 0) throw new ArgumentException(at == 0 ? "The first key stays." : $"{Path} has no key {id}.", nameof(id));
            Rewrite([.. Lines().Where((_, i) => i != at)]);
            ring = Read(create: false);
        }
    }

    private string SealingOf(Ring keys) => chosen is { } id && keys.Sealing.ContainsKey(id) ? id : keys.Ids[0];

    private Ring Read(bool create)
    {
        if (create && !Exists) Create();
        var written = File.GetLastWriteTimeUtc(Target);
        Keys[] all = [.. Lines().Select(x => Keys.Of(KeyOf(x)))];
        if (all.Length == 0) throw Damaged();
        var sealing = all.DistinctBy(x => x.Id, StringComparer.Ordinal).ToDictionary(x => x.Id, x => x.Sealing, StringComparer.Ordinal);
        return new(all[0], [.. all.Select(x => x.Id)], sealing, written);
    }

    private IEnumerable<string> Lines()
    {
        try
        {
            return [.. File.ReadAllLines(Path).Select(x => x.Trim()).Where(x => x.Length > 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"The key file {Path} cannot be read: {e.Message} The user {Environment.UserName}, as whom Notify runs, must be able to read it.", e);
        }
    }

    private byte[] KeyOf(string line)
    {
        var key = new byte[32];
        return Convert.TryFromBase64String(line, key, out var length) && length == 32 ? key : throw Damaged();
    }

    private StartException Damaged() =>
        new($"The key file {Path} is damaged: each of its lines must contain 32 bytes in base 64. Restore it from the backup.");

    private void Create()
    {
        try
        {
            DataDirectory.Make(System.IO.Path.GetDirectoryName(Path)!);
            var made = WriteBeside(Path, [Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))]);
            try
            {
                File.Move(made, Path, overwrite: false);
            }
            catch
            {
                File.Delete(made);
                throw;
            }
        }
        catch (IOException) when (File.Exists(Path))
        {
            // Another node was faster; its key is used.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The key file {Path} cannot be created: {e.Message}", e);
        }
    }

    /// <summary>
    /// Changes the content of the file and not the file, so that owner, group and mode stay whoever runs this, and a link stays a link. Until that is
    /// done, the same content is in a file beside it: with that, an operator can undo what a power failure left half written.
    /// </summary>
    private void Rewrite(string[] lines)
    {
        try
        {
            var target = Target;
            var spare = WriteBeside(target, lines);
            using (var file = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0))
            {
                var content = Content(lines);
                file.Write(content);
                file.SetLength(content.Length);
                file.Flush(flushToDisk: true);
            }

            File.Delete(spare);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The key file {Path} cannot be changed: {e.Message}", e);
        }
    }

    /// <summary>Writes a new file, readable by its owner only. No other process has its name: containers that share the directory may have the same
    /// process id, and a process that was killed may have left one.</summary>
    /// <returns>Its path.</returns>
    private static string WriteBeside(string path, string[] lines)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var file = new FileStream(temporary, options);
            file.Write(Content(lines));
            file.Flush(flushToDisk: true);
            return temporary;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static byte[] Content(string[] lines) => Encoding.ASCII.GetBytes(string.Join('\n', lines));

    /// <summary>AES-256-GCM with the reference as associated data, so that sealed values cannot be swapped. The first byte is the format's version:
    /// 1, sealed by the first key; 2, by the key whose id follows.</summary>
    public byte[] Seal(string reference, string value)
    {
        var keys = Loaded;
        var id = SealingOf(keys);
        var plain = Encoding.UTF8.GetBytes(value);
        var start = id == keys.Ids[0] ? 1 : 1 + IdBytes;
        var result = new byte[start + 12 + 16 + plain.Length];
        result[0] = start == 1 ? SealedByFirst : SealedByNamed;
        if (start > 1) Convert.FromHexString(id, result.AsSpan(1), out _, out _);
        var (nonce, tag, cipher) = Parts(result.AsMemory(start));
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(keys.Sealing[id], 16);
        aes.Encrypt(nonce.Span, plain, cipher.Span, tag.Span, Encoding.UTF8.GetBytes(reference));
        CryptographicOperations.ZeroMemory(plain);
        return result;
    }

    /// <exception cref="CryptographicException">The value was sealed with another key, for another reference, or was changed.</exception>
    public string Unseal(string reference, byte[] sealedValue)
    {
        var id = SealedBy(sealedValue);
        var start = sealedValue[0] == SealedByFirst ? 1 : 1 + IdBytes;
        if (sealedValue.Length < start + 28) throw new CryptographicException("The sealed value is too short.");
        if (!Loaded.Sealing.ContainsKey(id)) Refresh();
        if (!Loaded.Sealing.TryGetValue(id, out var key)) throw new CryptographicException($"The key file {Path} does not contain the key {id}.");
        var (nonce, tag, cipher) = Parts(sealedValue.AsMemory(start));
        var plain = new byte[cipher.Length];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(nonce.Span, cipher.Span, tag.Span, plain, Encoding.UTF8.GetBytes(reference));
        return Encoding.UTF8.GetString(plain);
    }

    /// <returns>The id of the key that sealed it.</returns>
    /// <exception cref="CryptographicException">It is not a sealed value.</exception>
    public string SealedBy(byte[] sealedValue) => sealedValue switch
    {
        [SealedByFirst, ..] => Identity,
        [SealedByNamed, ..] when sealedValue.Length > IdBytes => Convert.ToHexStringLower(sealedValue.AsSpan(1, IdBytes)),
        _ => throw new CryptographicException("The sealed value has an unknown format."),
    };

    /// <summary>16 hexadecimal digits: equal for equal secrets of this installation, useless to anyone without its key.</summary>
    public string Fingerprint(string value) =>
        Digits(Sha256.Hmac(Loaded.First.Fingerprints, Encoding.UTF8.GetBytes(value)));

    /// <summary>32 bytes: equal for equal input of this installation, and no help in guessing the input.</summary>
    public byte[] Digest(byte[] value) => Sha256.Hmac(Loaded.First.Fingerprints, value);

    /// <summary>64 hexadecimal digits that prove that this installation wrote this text: write access to the database is not enough to make
    /// them.</summary>
    /// <param name="use">The purpose of the text; a MAC for one purpose is invalid for another.</param>
    public string Mac(string use, string text) =>
        Convert.ToHexStringLower(Sha256.Hmac(Loaded.First.Records, Encoding.UTF8.GetBytes($"{use}\n{text}")));

    /// <summary>The seed of the key pair for secrets sealed by other installations; the same on every node.</summary>
    internal ReadOnlySpan<byte> TransferSeed => Loaded.First.Transfer;

    private static string Digits(byte[] hash) => Convert.ToHexStringLower(hash.AsSpan(0, 8));

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Cipher) Parts(Memory<byte> x) => (x[..12], x[12..28], x[28..]);
}
