using System.Security.Cryptography;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Tests.Secrets;

public sealed class MasterKeyTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("notify-key-");

    private string FilePath => Path.Combine(directory.FullName, "keys", "master.key");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("s3cret")]
    [InlineData("密钥 👍🏽 \0\n")]
    public void what_is_sealed_is_unsealed_also_after_a_restart(string value)
    {
        var sealedValue = new MasterKey(FilePath).Seal("service-1/secret", value);
        new MasterKey(FilePath).Unseal("service-1/secret", sealedValue).Should().Be(value);
    }

    [Fact]
    public void the_same_value_never_looks_the_same_when_sealed()
    {
        var key = new MasterKey(FilePath);
        key.Seal("a", "s3cret").Should().NotEqual(key.Seal("a", "s3cret"));
    }

    [Fact]
    public void another_reference_or_another_key_does_not_unseal()
    {
        var key = new MasterKey(FilePath);
        var sealedValue = key.Seal("service-1/secret", "s3cret");
        key.Invoking(x => x.Unseal("service-2/secret", sealedValue)).Should().Throw<CryptographicException>();
        new MasterKey(FilePath + "2").Invoking(x => x.Unseal("service-1/secret", sealedValue)).Should().Throw<CryptographicException>();
    }

    [Fact]
    public void a_change_of_any_byte_is_noticed()
    {
        var key = new MasterKey(FilePath);
        var sealedValue = key.Seal("a", "s3cret");
        for (var i = 0; i < sealedValue.Length; i++)
        {
            var changed = (byte[])sealedValue.Clone();
            changed[i] ^= 1;
            key.Invoking(x => x.Unseal("a", changed)).Should().Throw<CryptographicException>($"byte {i} was changed");
        }

        for (var length = 0; length < sealedValue.Length; length++)
            key.Invoking(x => x.Unseal("a", sealedValue[..length])).Should().Throw<CryptographicException>($"only {length} bytes are left");
    }

    [Fact]
    public void only_the_owner_may_read_the_file_and_nothing_else_is_left_beside_it()
    {
        var key = new MasterKey(FilePath);
        key.Exists.Should().BeFalse("a key is made when it is needed, and not before");
        key.Fingerprint("x");
        File.GetUnixFileMode(FilePath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Should().Equal(FilePath);
        Convert.FromBase64String(File.ReadAllText(FilePath)).Should().HaveCount(32);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base 64!")]
    [InlineData("c2hvcnQ=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void a_damaged_file_is_named_and_kept(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, content);
        FluentActions.Invoking(() => new MasterKey(FilePath).Identity).Should().Throw<StartException>()
            .WithMessage($"*{FilePath} is damaged*32 bytes*Restore it from the backup.");
        File.ReadAllText(FilePath).Should().Be(content);
    }

    [Fact]
    public void a_fingerprint_is_the_same_for_the_same_secret_of_one_installation_only()
    {
        var (key, other) = (new MasterKey(FilePath), new MasterKey(FilePath + "2"));
        key.Fingerprint("s3cret").Should().MatchRegex("^[0-9a-f]{16}$").And.Be(new MasterKey(FilePath).Fingerprint("s3cret"));
        key.Fingerprint("s3cret").Should().NotBe(key.Fingerprint("s3creT")).And.NotBe(other.Fingerprint("s3cret"));
    }
}
