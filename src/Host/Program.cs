using JasperFx;
using Notify.Host;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = Settings.ContentRoot(args) });
builder.AddNotifySettings();
await using var postgres = await builder.StartPostgresIfNoneGivenAsync(args);
builder.AddStorage();
builder.AddMessaging();
builder.AddOperation();
builder.Services.AddModules(builder.Configuration);

var app = builder.Build();
app.UseRequestPipeline();
app.MapModules();
app.MapOperation();

// A first argument that is not an option names a command (db-apply, codegen write, …).
if (args.Length > 0 && !args[0].StartsWith('-')) return await app.RunJasperFxCommands(args);
await app.RunAsync();
return 0;

/// <summary>Named so that tests can start the host in their own process.</summary>
public partial class Program;
