using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel;

/// <summary>Where Notify's tables live. Events and documents are Marten's; the few tables of Notify's own are declared next to their use.</summary>
public static class Database
{
    public const string Schema = "notify";

    public static Table Table(string name) => new(new PostgresqlObjectName(Schema, name, SchemaUtils.IdentifierUsage.General));
}
