using Notify.Host.Operating;
using Notify.Host.Postgres;
using Notify.Kernel.Secrets;

namespace Notify.Host;

public static class OwnPostgres
{
    private const string Setting = "ConnectionStrings:Notify";

    /// <summary>Without a connection string Notify runs a PostgreSQL of its own, in the data directory. It stops when the result is
    /// disposed.</summary>
    public static async Task<EmbeddedPostgres?> StartPostgresIfNoneGivenAsync(this WebApplicationBuilder builder, string[] args)
    {
        var configuration = builder.Configuration;
        if (!string.IsNullOrEmpty(configuration[Setting])) return null;
        if (args is ["codegen", ..])
        {
            configuration[Setting] = "Host=none"; // generating code needs to know the store's shape, not the store
            return null;
        }

        using var logging = LoggerFactory.Create(x =>
        {
            x.Services.AddSingleton(TimeProvider.System).AddSingleton<KnownSecrets>();
            ConsoleLines.AddTo(x.AddConfiguration(configuration.GetSection("Logging")), configuration);
        });
        var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions
            {
                DataDirectory = configuration["Notify:DataDirectory"]!,
                BinDirectory = configuration["Notify:Postgres:BinDirectory"],
                IsForCommand = Settings.NamesCommand(args),
            },
            logging.CreateLogger<EmbeddedPostgres>());
        configuration[Setting] = postgres.ConnectionString;
        // The lock on the data directory keeps every other process away from this database.
        configuration["Notify:SingleNode"] = "true";
        return postgres;
    }
}
