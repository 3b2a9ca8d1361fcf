using System.Text.Json.Nodes;
using Notify.Kernel;

namespace Notify.Channels.AccountImport;

/// <summary>Takes over the accounts of a service from a file that the platform's console exports.</summary>
public interface IAccountImport
{
    /// <param name="content">Can be sought in.</param>
    /// <exception cref="ProblemException">400: it is no such file.</exception>
    AccountSheet Read(string fileName, Stream content);

    /// <summary>What the file makes of the accounts in these settings.</summary>
    /// <returns>The settings with these accounts, and what is different in them; the settings count only when there are no errors.</returns>
    (JsonObject Settings, ImportPlan Plan) Apply(JsonObject settings, AccountSheet sheet, ImportMode mode, Errors errors);
}
