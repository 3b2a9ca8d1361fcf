using Notify.Kernel.Events.Store;
using NpgsqlTypes;
using Weasel.Postgresql;

namespace Notify.Kernel.Tests.Events;

public sealed class ParameterTypesTests
{
    [Theory]
    [InlineData(typeof(string[]), NpgsqlDbType.Text)]
    [InlineData(typeof(Guid[]), NpgsqlDbType.Uuid)]
    [InlineData(typeof(long[]), NpgsqlDbType.Bigint)]
    [InlineData(typeof(long?[]), NpgsqlDbType.Bigint)]
    [InlineData(typeof(int[]), NpgsqlDbType.Integer)]
    [InlineData(typeof(bool[]), NpgsqlDbType.Boolean)]
    [InlineData(typeof(DateTimeOffset[]), NpgsqlDbType.TimestampTz)]
    [InlineData(typeof(DateTimeOffset?[]), NpgsqlDbType.TimestampTz)]
    public void what_is_remembered_is_what_the_library_finds(Type array, NpgsqlDbType of)
    {
        // Another test of this process may have let it remember already: the elements are always looked up.
        PostgresqlProvider.Instance.ToParameterType(array.GetElementType()!).Should().Be(of);
        ParameterTypes.Remember();
        PostgresqlProvider.Instance.TryGetDbType(array).Should().Be(NpgsqlDbType.Array | of);
    }
}
