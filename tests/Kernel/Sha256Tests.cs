using System.Security.Cryptography;

namespace Notify.Kernel.Tests;

public sealed class Sha256Tests
{
    [Fact]
    public void they_are_those_of_the_library_for_every_length_key_and_thread()
    {
        byte[][] keys = [[], [.. "short"u8], [.. Enumerable.Range(0, 200).Select(x => (byte)x)]];
        Parallel.For(0, 300, length =>
        {
            var input = Enumerable.Range(0, length).Select(x => (byte)(x * length)).ToArray();
            var hash = new byte[32];
            Sha256.Hash(hash, input);
            hash.Should().Equal(SHA256.HashData(input));
            foreach (var key in keys) Sha256.Hmac(key, input).Should().Equal(HMACSHA256.HashData(key, input));
        });
    }
}
